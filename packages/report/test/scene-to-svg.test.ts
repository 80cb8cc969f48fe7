import type { Scene, Shape } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { sceneToSvg } from '../src/index.js';
import { find, numbers, parse, pictureOf } from './xml.js';

const view = { left: -1, bottom: -2, width: 4, height: 8 };
const scene = (...shapes: Shape[]): Scene => ({ view, shapes });
const drawn = (...shapes: Shape[]) => pictureOf(parse(sceneToSvg(scene(...shapes), { width: 400 }))).children;

describe('sceneToSvg', () => {
  it('puts y up into pixels with y down', () => {
    // 100 pixels per unit: x 0 is 1 right of the left edge, y 5 is 1 below the top edge (−2 + 8 = 6).
    const [circle] = drawn({ kind: 'circle', x: 0, y: 5, radius: 0.5, fill: 'teal' });
    expect(circle).toMatchObject({ name: 'circle', attributes: { cx: '100', cy: '100', r: '50', fill: 'teal' } });
  });

  it('draws in the order of the shapes, each kind as its element', () => {
    const names = drawn(
      { kind: 'line', points: [[0, 0], [1, 1]], stroke: 'red', width: 0.1 }, // prettier-ignore
      { kind: 'polygon', points: [[0, 0], [1, 1], [0, 1]], stroke: 'red' }, // prettier-ignore
      { kind: 'text', x: 0, y: 0, text: 'a', size: 0.72 },
      { kind: 'circle', x: 0, y: 0, radius: 1 },
    );
    expect(names.map(({ name }) => name)).toEqual(['polyline', 'polygon', 'text', 'circle']);
    expect(names[0]!.attributes).toMatchObject({ points: '100,600 200,500', 'stroke-width': '10', fill: 'none' });
    expect(names[1]!.attributes).toMatchObject({ points: '100,600 200,500 100,500', fill: 'none', stroke: 'red' });
    // Letters 0.72 units high have a font size of one unit.
    expect(names[2]!.attributes).toMatchObject({ x: '100', y: '600', 'font-size': '100' });
    expect(names[3]!.attributes.fill).toBe('none');
  });

  it('keeps texts and colours from breaking out of their place', () => {
    const text = 'a < b & "c" > d </text><script>';
    const svg = sceneToSvg(scene({ kind: 'text', x: 0, y: 0, text, size: 1, fill: '"/><script>' }), {
      title: text,
      caption: text,
    });
    const root = parse(svg);
    expect(find(root, 'script')).toEqual([]);
    expect(pictureOf(root).children[0]!.text).toBe(text);
    expect(find(root, 'title')[0]!.text).toBe(text);
  });

  it('replaces characters that XML cannot hold', () => {
    const [element] = drawn({ kind: 'text', x: 0, y: 0, text: 'a\u0000b\ud800c\ud83d\ude00', size: 1 });
    expect(element!.text).toBe('a\ufffdb\ufffdc\ud83d\ude00');
  });

  it('has the proportions of the view', () => {
    const root = parse(sceneToSvg(scene(), { width: 300 }));
    const clip = find(root, 'clipPath')[0]!.children[0]!;
    expect(clip.attributes).toMatchObject({ width: '300', height: '600' });
    const [, , width, height] = numbers(root.attributes.viewBox!);
    expect(height! - width!).toBe(300);
  });

  it('gives equal strings for equal scenes', () => {
    const make = () => sceneToSvg(scene({ kind: 'circle', x: 1 / 3, y: 0.1 + 0.2, radius: Math.SQRT2 }));
    expect(make()).toBe(make());
    expect(make()).not.toMatch(/\d\.\d{3}/);
  });

  it.each([
    ['a coordinate', scene({ kind: 'circle', x: NaN, y: 0, radius: 1 }), /finite x in shape 0, got NaN/],
    [
      'a point',
      scene({ kind: 'line', points: [[0, Infinity]], stroke: 'red', width: 1 }),
      /finite y in shape 0, got Infinity/,
    ],
    [
      'an opacity',
      scene({ kind: 'circle', x: 0, y: 0, radius: 1, opacity: 2 }),
      /opacity in \[0, 1\] in shape 0, got 2/,
    ],
    ['a view', { view: { ...view, width: 0 }, shapes: [] }, /view with an area, got 0 × 8/],
    ['a corner', { view: { ...view, left: NaN }, shapes: [] }, /finite view/],
  ])('refuses %s out of range', (_, bad, message) => {
    expect(() => sceneToSvg(bad)).toThrow(message);
  });

  it('refuses a width that is not one', () => {
    expect(() => sceneToSvg(scene(), { width: -1 })).toThrow(/sceneToSvg: expected a finite width > 0, got -1/);
  });
});
