import type { Canvas } from './figure.js';
import { escapeText, estimateWidth, fontFamily, boldness, ink, short, tag } from './markup.js';

const padding = 16;
const titleSize = 16;
const captionSize = 13;

/** What a card shows besides the picture. */
export interface CardContents {
  readonly canvas: Canvas;
  readonly title?: string | undefined;
  /** Markup of the caption, drawn by `captionText`. */
  readonly caption?: string | undefined;
  readonly background: string;
  /** Markup of the picture, in pixels of the canvas. */
  readonly picture: string;
  /** Markup below the picture, as wide as the canvas, and its height. */
  readonly footer?: { readonly height: number; readonly markup: string } | undefined;
}

/** The font size at which a text is no wider than the canvas. */
const sizeToFit = (text: string, size: number, width: number): number =>
  Math.min(size, (size * width) / Math.max(1, estimateWidth(text, size)));

/** One caption; `children` are animations. */
export const captionText = (text: string, canvas: Canvas, hidden: boolean, ...children: readonly string[]): string =>
  tag(
    'text',
    { 'font-size': sizeToFit(text, captionSize, canvas.width), visibility: hidden ? 'hidden' : undefined },
    escapeText(text),
    ...children,
  );

/** A white card with a title, a caption and a picture that clips what lies outside. */
export const card = ({ canvas, title, caption, background, picture, footer }: CardContents): string => {
  const titleBottom = padding + (title === undefined ? 0 : titleSize + 6);
  const captionBottom = titleBottom + (caption === undefined ? 0 : captionSize + 4);
  const top = captionBottom + (captionBottom > padding ? 4 : 0);
  const height = top + canvas.height + padding + (footer?.height ?? 0);
  const width = canvas.width + 2 * padding;
  const parts = [
    title === undefined ? '' : tag('title', {}, escapeText(title)),
    tag('rect', { width, height, rx: 8, fill: ink.ground }),
  ];
  if (title !== undefined) {
    const size = sizeToFit(title, titleSize, canvas.width / boldness);
    const place = { x: padding, y: padding + titleSize - 2, fill: ink.strong, 'font-size': size, 'font-weight': '600' };
    parts.push(tag('text', place, escapeText(title)));
  }
  if (caption !== undefined) {
    const transform = `translate(${padding} ${titleBottom + captionSize - 2})`;
    parts.push(tag('g', { transform, fill: ink.soft, 'font-variant-numeric': 'tabular-nums' }, caption));
  }
  // A nested svg would clip too, but has a clock of its own in some browsers. Equal sizes give equal names, so that
  // several pictures can stand in one page.
  const id = `view-${short(canvas.width)}-${short(canvas.height)}`;
  const rounded = { x: padding, y: top, width: canvas.width, height: canvas.height, rx: 4 };
  parts.push(
    tag('rect', { ...rounded, fill: background }),
    tag('clipPath', { id }, tag('rect', { width: canvas.width, height: canvas.height, rx: 4 })),
    tag('g', { transform: `translate(${padding} ${top})`, 'clip-path': `url(#${id})` }, picture),
    tag('rect', { ...rounded, fill: 'none', stroke: ink.line }),
  );
  if (footer) {
    parts.push(tag('g', { transform: `translate(${padding} ${top + canvas.height})` }, footer.markup));
  }
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'font-family': fontFamily,
    },
    ...parts,
  );
};
