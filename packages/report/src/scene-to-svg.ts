import type { Scene } from '@troupe/core';
import { captionText, card } from './card.js';
import { canvasFor, drawFigure, figuresOf, placing } from './figure.js';
import { escapeText } from './markup.js';

/** How a picture of a scene looks. */
export interface PictureOptions {
  /** Above the picture, and its accessible name. */
  readonly title?: string;
  /** Width of the view in pixels; its height follows from the scene's view. Default 480. */
  readonly width?: number;
  /** CSS colour behind the shapes. Default a very light grey, which white and coloured shapes both stand out from. */
  readonly background?: string;
}

/** What lies behind the shapes unless an option says otherwise. */
export const defaultBackground = '#f6f8fa';

/**
 * A scene as one self-contained SVG, a string. Equal scenes give equal strings. What lies outside the view is cut off.
 * A circle or polygon without `fill` is empty inside; outlines are 1.5 pixels wide; a text begins at its point, which
 * lies on its baseline.
 *
 * Throws a RangeError for a view without area, a coordinate that is not finite, or an opacity outside [0, 1].
 */
export const sceneToSvg = (scene: Scene, options: PictureOptions & { readonly caption?: string } = {}): string => {
  const { title, caption, width = 480, background = defaultBackground } = options;
  const canvas = canvasFor('sceneToSvg', scene, width);
  const figures = figuresOf('sceneToSvg', scene, canvas);
  return card({
    canvas,
    title,
    caption: caption === undefined ? undefined : captionText(caption, canvas, false),
    background,
    picture: figures.map((figure) => drawFigure(figure, placing(figure), escapeText(figure.text))).join(''),
  });
};
