import type { Scene, Shape } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { animateScenes } from '../src/index.js';
import { find, numbers, parse, pictureOf, valueAt, type Element } from './xml.js';

const view = { left: 0, bottom: 0, width: 10, height: 10 };
const scene = (...shapes: Shape[]): Scene => ({ view, shapes });
const circle = (x: number, y: number, fill = 'teal'): Shape => ({ kind: 'circle', x, y, radius: 1, fill });
// Two scenes take one second in all, so that times are round fractions of it.
const options = { width: 100, fps: 10, pause: 0.8 };
const shapesOf = (svg: string): Element[] => pictureOf(parse(svg)).children;
const animated = (element: Element): (string | undefined)[] =>
  element.children.map(({ attributes }) => attributes.attributeName);

describe('animateScenes', () => {
  it('moves what moves and nothing else', () => {
    const svg = animateScenes([scene(circle(1, 1), circle(5, 5)), scene(circle(2, 1), circle(5, 5))], options);
    const [moving, still] = shapesOf(svg);
    // 10 pixels per unit, y down; halfway between the two scenes halfway between the two places.
    expect(valueAt(moving!, 'transform', 0)).toEqual([10, 90]);
    expect(valueAt(moving!, 'transform', 0.05)).toEqual([15, 90]);
    expect(valueAt(moving!, 'transform', 0.1)).toEqual([20, 90]);
    expect(still).toMatchObject({ attributes: { cx: '50', cy: '50' }, children: [] });
  });

  it('keeps the last scene for the pause, then jumps to the next episode and repeats for ever', () => {
    const svg = animateScenes(
      [{ scenes: [scene(circle(1, 1)), scene(circle(2, 1))] }, { scenes: [scene(circle(8, 8)), scene(circle(9, 8))] }],
      options,
    );
    const [element] = shapesOf(svg);
    // Each episode takes 2 scenes at 10 per second and 0.8 s: 1 s.
    expect(valueAt(element!, 'transform', 0.99)).toEqual([20, 90]);
    expect(valueAt(element!, 'transform', 1)).toEqual([80, 20]);
    expect(valueAt(element!, 'transform', 1.9)).toEqual([90, 20]);
    expect(element!.children[0]!.attributes).toMatchObject({ dur: '2s', repeatCount: 'indefinite' });
  });

  it('changes colours and texts at once', () => {
    const label = (text: string): Shape => ({ kind: 'text', x: 5, y: 5, text, size: 1 });
    const svg = animateScenes(
      [scene(circle(1, 1, 'red'), label('a')), scene(circle(1, 1, 'blue'), label('b'))],
      options,
    );
    const [dot, text] = shapesOf(svg);
    expect(dot!.attributes.fill).toBe('red');
    expect([0.05, 0.1, 0.6].map((time) => valueAt(dot!, 'fill', time))).toEqual(['red', 'blue', 'blue']);
    expect(text!.children.map((letters) => letters.text)).toEqual(['a', 'b']);
    expect([0.05, 0.1].map((time) => text!.children.map((letters) => valueAt(letters, 'visibility', time)))).toEqual([
      ['visible', 'hidden'],
      ['hidden', 'visible'],
    ]);
    expect(text!.children.map(({ attributes }) => attributes.visibility)).toEqual([undefined, 'hidden']);
  });

  it('animates radius, opacity and the points of what bends', () => {
    const bend = (y: number): Shape => ({ kind: 'line', points: [[0, 0], [5, y]], stroke: 'red', width: 0.1 }); // prettier-ignore
    const swell = (radius: number, opacity: number): Shape => ({ kind: 'circle', x: 1, y: 1, radius, opacity });
    const svg = animateScenes([scene(bend(1), swell(1, 1)), scene(bend(2), swell(2, 0.5))], options);
    const [line, dot] = shapesOf(svg);
    expect(animated(line!)).toEqual(['points']);
    expect(valueAt(line!, 'points', 0.05)).toEqual([0, 100, 50, 85]);
    expect(animated(dot!)).toEqual(['r', 'opacity']);
    expect(valueAt(dot!, 'r', 0.05)).toEqual([15]);
    expect(valueAt(dot!, 'opacity', 0.05)).toEqual([0.75]);
  });

  it('moves a polygon as a whole where it keeps its form', () => {
    const arrow = (x: number): Shape => ({ kind: 'polygon', points: [[x, 1], [x + 1, 1], [x, 2]], fill: 'red' }); // prettier-ignore
    const [element] = shapesOf(animateScenes([scene(arrow(1)), scene(arrow(4))], options));
    expect(animated(element!)).toEqual(['transform']);
    expect(element!.attributes.points).toBe('0,0 10,0 0,-10');
  });

  it('gives an outline that comes later its width', () => {
    const outlined = (stroke?: string): Shape => ({ kind: 'circle', x: 1, y: 1, radius: 1, ...(stroke && { stroke }) });
    const [element] = shapesOf(animateScenes([scene(outlined()), scene(outlined('red'))], options));
    expect(element!.attributes['stroke-width']).toBe('1.5');
    expect(valueAt(element!, 'stroke', 0.1)).toBe('red');
  });

  it('lets one disappear and another appear where the kind, the points or the number of shapes change', () => {
    const text: Shape = { kind: 'text', x: 5, y: 5, text: 'gone', size: 1 };
    const svg = animateScenes([scene(circle(1, 1), circle(2, 2)), scene(text), scene(circle(3, 3))], options);
    const [dot, label, second] = shapesOf(svg);
    const shown = (element: Element) => [0.05, 0.15, 0.25, 0.6].map((time) => valueAt(element, 'visibility', time));
    expect(shown(dot!)).toEqual(['visible', 'hidden', 'visible', 'visible']);
    expect(shown(label!.children[0]!)).toEqual(['hidden', 'visible', 'hidden', 'hidden']);
    expect(shown(second!)).toEqual(['visible', 'hidden', 'hidden', 'hidden']);
    // It does not slide while nobody sees it: it is where it belongs as soon as it appears.
    expect(valueAt(dot!, 'transform', 0.201)).toEqual([30, 70]);
  });

  it('shows captions of episodes and of single scenes', () => {
    const scenes = [scene(), scene()];
    const svg = animateScenes(
      [
        { scenes, caption: 'first' },
        { scenes, caption: ['step <1>', 'step 2'] },
      ],
      options,
    );
    const captions = find(parse(svg), 'text');
    expect(captions.map(({ text }) => text)).toEqual(['first', 'step <1>', 'step 2']);
    const at = (time: number) => captions.filter((caption) => valueAt(caption, 'visibility', time) === 'visible');
    expect([0, 0.95, 1.05, 1.15].map((time) => at(time).map(({ text }) => text))).toEqual([
      ['first'],
      ['first'],
      ['step <1>'],
      ['step 2'],
    ]);
  });

  it('needs no script, no file and no style sheet', () => {
    const svg = animateScenes([scene(circle(1, 1)), scene(circle(2, 2))], { title: 'a & b' });
    expect(svg).not.toMatch(/<script|href|<style|@import|<foreignObject/);
    expect(find(parse(svg), 'title')[0]!.text).toBe('a & b');
  });

  it('follows a view that moves', () => {
    const shifted: Scene = { view: { ...view, left: 1 }, shapes: [circle(1, 1)] };
    const [element] = shapesOf(animateScenes([scene(circle(1, 1)), shifted], options));
    expect(valueAt(element!, 'transform', 0.1)).toEqual([0, 90]);
  });

  it('is at every scene where the scene says, within a fifth of a pixel, however much was left out', () => {
    const place = fc.tuple(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }));
    const episodes = fc.array(fc.array(place, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(episodes, fc.integer({ min: 1, max: 30 }), (paths, fps) => {
        const svg = animateScenes(
          paths.map((path) => ({ scenes: path.map(([x, y]) => scene(circle(x, y))) })),
          { ...options, fps },
        );
        const [element] = shapesOf(svg);
        const { attributes } = element!;
        let begin = 0;
        for (const path of paths) {
          path.forEach(([x, y], i) => {
            // Slightly after the moment of a jump, so that rounding of times does not matter.
            const time = begin + i / fps + (i === 0 ? 0.005 : 0);
            const speeds = [path[i - 1], path[i + 1]].map((other) =>
              other ? Math.hypot(other[0] - x, other[1] - y) * 10 * fps : 0,
            );
            const still = attributes.cx === undefined ? undefined : [Number(attributes.cx), Number(attributes.cy)];
            const [px, py] = (valueAt(element!, 'transform', time) ??
              still ??
              numbers(attributes.transform!)) as number[];
            const allowed = 0.2 + Math.max(...speeds) * (i === 0 ? 0.006 : 0.001);
            expect(Math.abs(px! - x * 10)).toBeLessThan(allowed);
            expect(Math.abs(py! - (100 - y * 10))).toBeLessThan(allowed);
          });
          begin += path.length / fps + options.pause;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays small: a shape that flies straight costs two keys, not one per scene', () => {
    const straight = Array.from({ length: 100 }, (_, i) => scene(circle(i / 10, 5)));
    const [element] = shapesOf(animateScenes(straight, { ...options, pause: 0 }));
    expect(element!.children[0]!.attributes.values!.split(';').length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['no scene', () => animateScenes([]), /at least one scene/],
    ['only empty episodes', () => animateScenes([{ scenes: [] }]), /at least one scene/],
    ['fps 0', () => animateScenes([scene()], { fps: 0 }), /finite fps > 0, got 0/],
    ['a negative pause', () => animateScenes([scene()], { pause: -1 }), /finite pause >= 0, got -1/],
    [
      'captions that do not fit',
      () => animateScenes([{ scenes: [scene()], caption: [] }]),
      /the 1 scenes of episode 0, got 0/,
    ],
    [
      'a scene that cannot be drawn',
      () => animateScenes([scene(circle(NaN, 0))]),
      /animateScenes: expected a finite x/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
