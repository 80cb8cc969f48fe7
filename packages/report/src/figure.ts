import type { Scene, Shape } from '@troupe/core';
import { short, tag, type Attributes } from './markup.js';

/** Width of the outline of circles and polygons, in pixels: scenes give it a colour only. */
export const outline = 1.5;
/** Height of capital letters over font size, in usual sans serifs. */
const capHeight = 0.72;

/** A shape in pixels, y down: one form for all kinds, so that all can be drawn and animated the same way. */
export interface Figure {
  readonly kind: Shape['kind'];
  /** x, y, x, y, …: the centre of a circle or a text, the points of a line or a polygon. */
  readonly place: readonly number[];
  /** Radius, width of the stroke, or font size. */
  readonly size: number;
  readonly fill: string;
  readonly stroke: string;
  readonly opacity: number;
  readonly text: string;
}

/** Pixels of the picture. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
}

const requireFinite = (where: string, index: number, what: string, n: number): void => {
  if (!Number.isFinite(n)) throw new RangeError(`${where}: expected a finite ${what} in shape ${index}, got ${n}`);
};

/** A canvas of this width and the proportions of the scene's view. Throws a RangeError for a view without area. */
export const canvasFor = (where: string, scene: Scene, width: number): Canvas => {
  const { view } = scene;
  if (!(width > 0 && width < Infinity)) throw new RangeError(`${where}: expected a finite width > 0, got ${width}`);
  if (!(view.width > 0 && view.height > 0 && view.width < Infinity && view.height < Infinity)) {
    throw new RangeError(`${where}: expected a view with an area, got ${view.width} × ${view.height}`);
  }
  return { width, height: (width * view.height) / view.width };
};

/**
 * The shapes of a scene in pixels. A view of other proportions than the canvas is centred in it.
 * Throws a RangeError where a number is not finite or an opacity not in [0, 1].
 */
export const figuresOf = (where: string, scene: Scene, canvas: Canvas): Figure[] => {
  const { view } = scene;
  const scale = Math.min(canvas.width / view.width, canvas.height / view.height);
  const left = (canvas.width - scale * view.width) / 2 - scale * view.left;
  const top = (canvas.height - scale * view.height) / 2 + scale * (view.bottom + view.height);
  if (!Number.isFinite(left + top)) {
    throw new RangeError(`${where}: expected a finite view, got ${JSON.stringify(view)}`);
  }
  return scene.shapes.map((shape, index) => {
    const points = 'points' in shape ? shape.points : [[shape.x, shape.y] as const];
    const place: number[] = [];
    for (const [x, y] of points) {
      requireFinite(where, index, 'x', x);
      requireFinite(where, index, 'y', y);
      place.push(left + scale * x, top - scale * y);
    }
    const opacity = 'opacity' in shape ? (shape.opacity ?? 1) : 1;
    if (!(opacity >= 0 && opacity <= 1)) {
      throw new RangeError(`${where}: expected an opacity in [0, 1] in shape ${index}, got ${opacity}`);
    }
    const common = { place, opacity, fill: 'none', stroke: 'none', text: '', size: outline };
    switch (shape.kind) {
      case 'circle':
        requireFinite(where, index, 'radius', shape.radius);
        return {
          ...common,
          kind: shape.kind,
          fill: shape.fill ?? 'none',
          stroke: shape.stroke ?? 'none',
          size: scale * Math.max(0, shape.radius),
        };
      case 'polygon':
        return { ...common, kind: shape.kind, fill: shape.fill ?? 'none', stroke: shape.stroke ?? 'none' };
      case 'line':
        requireFinite(where, index, 'width', shape.width);
        return { ...common, kind: shape.kind, stroke: shape.stroke, size: scale * Math.max(0, shape.width) };
      case 'text':
        requireFinite(where, index, 'size', shape.size);
        return {
          ...common,
          kind: shape.kind,
          fill: shape.fill ?? '#1f2328',
          text: shape.text,
          size: (scale * Math.max(0, shape.size)) / capHeight,
        };
    }
  });
};

/** Pairs as `points` wants them. */
export const pointList = (place: readonly number[]): string => {
  let list = '';
  for (let i = 0; i < place.length; i += 2) list += `${i === 0 ? '' : ' '}${short(place[i]!)},${short(place[i + 1]!)}`;
  return list;
};

/** Name of the attribute that holds `size`; polygons have outlines of one width. */
export const sizeAttribute = { circle: 'r', line: 'stroke-width', polygon: undefined, text: 'font-size' } as const;

/** Where a figure lies, as attributes. */
export const placing = ({ kind, place }: Figure): Attributes => {
  switch (kind) {
    case 'circle':
      return { cx: place[0]!, cy: place[1]! };
    case 'text':
      return { x: place[0]!, y: place[1]! };
    default:
      return { points: pointList(place) };
  }
};

const elementName = { circle: 'circle', line: 'polyline', polygon: 'polygon', text: 'text' } as const;

/** The element of a figure. `place` says where it lies, `children` are markup (a text's letters included). */
export const drawFigure = (
  figure: Figure,
  place: Attributes,
  children: string,
  name: string = elementName[figure.kind],
): string => {
  const { kind, size, fill, stroke, opacity } = figure;
  const attribute = sizeAttribute[kind];
  return tag(
    name,
    {
      ...(attribute && { [attribute]: size }),
      // SVG's own initial values are black for fill and none for stroke.
      fill: kind === 'line' ? 'none' : fill,
      stroke: stroke === 'none' ? undefined : stroke,
      'stroke-width': attribute === 'stroke-width' ? size : stroke === 'none' ? undefined : outline,
      'stroke-linejoin': stroke === 'none' || kind === 'circle' ? undefined : 'round',
      'stroke-linecap': kind === 'line' ? 'round' : undefined,
      opacity: opacity === 1 ? undefined : opacity,
      ...place,
    },
    children,
  );
};
