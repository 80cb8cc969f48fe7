import type { Scene } from '@troupe/core';
import { captionText, card } from './card.js';
import { canvasFor, drawFigure, figuresOf, outline, placing, pointList, sizeAttribute, type Figure } from './figure.js';
import { escapeText, ink, short, tag, type Attributes } from './markup.js';
import { defaultBackground, type PictureOptions } from './scene-to-svg.js';
import {
  animateDiscretely,
  animateLinearly,
  animatePresence,
  timelineOf,
  type Motion,
  type Timeline,
  type Track,
} from './timeline.js';

/** The scenes of one episode in order, as `replayRecording` gives them. */
export interface SceneEpisode {
  /** One per step, the beginning first. */
  readonly scenes: readonly Scene[];
  /** Shown with the episode: one line for all of it, or one for each scene. */
  readonly caption?: string | readonly string[];
}

/** How an animation looks and how fast it runs. */
export interface AnimationOptions extends PictureOptions {
  /** Scenes per second. Default 10. */
  readonly fps?: number;
  /** Seconds for which the last scene of an episode stays. Default 0.8. */
  readonly pause?: number;
}

/** A shape through time: figures of one kind and one number of points at one index, absent in some frames. */
type Strand = Track<Figure>;

/** Splits what the frames have at one index into strands. */
const strandsAt = (frames: readonly (readonly Figure[])[], index: number): Strand[] => {
  const strands = new Map<string, (Figure | undefined)[]>();
  frames.forEach((figures, f) => {
    const figure = figures[index];
    if (!figure) return;
    const key = `${figure.kind} ${figure.place.length}`;
    const strand = strands.get(key) ?? Array.from<Figure | undefined>({ length: frames.length });
    strand[f] = figure;
    strands.set(key, strand);
  });
  return [...strands.values()];
};

const trackOf = <V>(strand: Strand, read: (figure: Figure) => V): Track<V> =>
  strand.map((figure) => figure && read(figure));

const pixels = 0.1;
const translate: Motion = {
  element: 'animateTransform',
  attributes: { attributeName: 'transform', type: 'translate' },
  tolerance: pixels,
  format: ([x, y]) => `${short(x!, 1)},${short(y!, 1)}`,
};
const morph: Motion = {
  element: 'animate',
  attributes: { attributeName: 'points' },
  tolerance: pixels,
  format: pointList,
};
const grow = (attributeName: string, tolerance: number): Motion => ({
  element: 'animate',
  attributes: { attributeName },
  tolerance,
  format: ([value]) => short(value!),
});

/** Points relative to the first one. */
const outlineOf = ({ place }: Figure): string => pointList(place.map((value, i) => value - place[i % 2]!));

/** Where a strand lies at first, and how it moves from there. */
const placeStrand = (timeline: Timeline, strand: Strand, first: Figure): readonly [Attributes, string] => {
  const rigid = strand.every((figure) => !figure || outlineOf(figure) === outlineOf(first));
  const motion = rigid
    ? animateLinearly(
        timeline,
        trackOf(strand, ({ place }) => place.slice(0, 2)),
        translate,
      )
    : animateLinearly(
        timeline,
        trackOf(strand, ({ place }) => place),
        morph,
      );
  if (!rigid) return [{ points: pointList(first.place) }, motion];
  if (motion === '' && first.kind !== 'text') return [placing(first), ''];
  const transform = `translate(${translate.format(first.place)})`;
  return [first.place.length > 2 ? { points: outlineOf(first), transform } : { transform }, motion];
};

/** The letters of a strand of texts: one element for each string that it ever shows. */
const letters = (timeline: Timeline, strand: Strand): string =>
  [...new Set(strand.flatMap((figure) => (figure ? [figure.text] : [])))]
    .map((text) => {
      const present = strand.map((figure) => figure?.text === text);
      const visibility = present[0] ? undefined : 'hidden';
      return tag('text', { visibility }, escapeText(text), animatePresence(timeline, present));
    })
    .join('');

const drawStrand = (timeline: Timeline, strand: Strand): string => {
  const first = strand.find((figure) => figure !== undefined)!;
  const isText = first.kind === 'text';
  const [place, motion] = placeStrand(timeline, strand, first);
  const size = sizeAttribute[first.kind];
  const present = strand.map((figure) => figure !== undefined);
  const changes = [
    motion,
    size === undefined
      ? ''
      : animateLinearly(
          timeline,
          trackOf(strand, (figure) => [figure.size]),
          grow(size, pixels),
        ),
    animateLinearly(
      timeline,
      trackOf(strand, (figure) => [figure.opacity]),
      grow('opacity', 0.01),
    ),
    animateDiscretely(
      timeline,
      trackOf(strand, ({ fill }) => fill),
      'fill',
    ),
    animateDiscretely(
      timeline,
      trackOf(strand, ({ stroke }) => stroke),
      'stroke',
    ),
    isText ? letters(timeline, strand) : animatePresence(timeline, present),
  ];
  const visibility = isText || present[0] ? undefined : 'hidden';
  // An outline that comes later needs its width from the start.
  const later = first.stroke === 'none' && strand.some((figure) => figure && figure.stroke !== 'none');
  const attributes = { ...place, visibility, ...(later && { 'stroke-width': outline }) };
  return drawFigure(first, attributes, changes.join(''), isText ? 'g' : undefined);
};

/** A bar that fills as time goes by, with a gap between episodes. */
const progressBar = (timeline: Timeline, width: number): { readonly height: number; readonly markup: string } => {
  const bar = { y: 8, height: 4 };
  const motion = tag('animate', {
    attributeName: 'width',
    values: `0;${short(width)}`,
    dur: `${short(timeline.total, 3)}s`,
    repeatCount: 'indefinite',
  });
  const gaps = timeline.ends
    .slice(0, -1)
    .map((end) => tag('rect', { ...bar, x: (end / timeline.total) * width - 1, width: 2, fill: ink.ground }));
  const markup =
    tag('rect', { ...bar, width, rx: 2, fill: ink.faint }) +
    tag('rect', { ...bar, width: 0, rx: 2, fill: ink.mark }, motion) +
    gaps.join('');
  return { height: 6, markup };
};

const captionsOf = ({ caption, scenes }: SceneEpisode, episode: number): readonly string[] => {
  if (caption === undefined) return scenes.map(() => '');
  if (typeof caption === 'string') return scenes.map(() => caption);
  if (caption.length !== scenes.length) {
    throw new RangeError(
      `animateScenes: expected one caption, or one for each of the ${scenes.length} scenes of episode ${episode}, got ${caption.length}`,
    );
  }
  return caption;
};

/** The captions, each shown in its frames; `undefined` where there are none. */
const drawCaptions = (timeline: Timeline, captions: readonly string[], canvas: { width: number; height: number }) => {
  const distinct = [...new Set(captions)].filter((caption) => caption !== '');
  if (distinct.length === 0) return undefined;
  return distinct
    .map((caption) => {
      const present = captions.map((other) => other === caption);
      return captionText(caption, canvas, !present[0], animatePresence(timeline, present));
    })
    .join('');
};

/**
 * Episodes as one animated SVG, a string: no script, no player; it runs in browsers and as an image in a README, and
 * begins again for ever. A shape is what has the same index in every scene of an episode: it moves in a straight line
 * from scene to scene and jumps where the next episode begins. Colours and texts change at once. What does not change
 * costs nothing. Where the kind or the number of points at an index changes, or a shape is missing, one disappears and
 * another appears. Programs that do not animate SVG show the first scene.
 *
 * Throws a RangeError if there is no scene, for captions that do not match the scenes, an `fps` that is not positive,
 * or a scene that `sceneToSvg` would refuse.
 */
export const animateScenes = (
  episodes: readonly SceneEpisode[] | readonly Scene[],
  options: AnimationOptions = {},
): string => {
  const { title, width = 480, background = defaultBackground, fps = 10, pause = 0.8 } = options;
  if (!(fps > 0 && fps < Infinity)) throw new RangeError(`animateScenes: expected a finite fps > 0, got ${fps}`);
  if (!(pause >= 0 && pause < Infinity))
    throw new RangeError(`animateScenes: expected a finite pause >= 0, got ${pause}`);
  const parts = episodesOf(episodes).filter(({ scenes }) => scenes.length > 0);
  const scenes = parts.flatMap((part) => part.scenes);
  if (scenes.length === 0) throw new RangeError('animateScenes: expected at least one scene, got none');
  const canvas = canvasFor('animateScenes', scenes[0]!, width);
  const timeline = timelineOf(
    parts.map((part) => part.scenes.length),
    fps,
    pause,
  );
  const frames = scenes.map((scene) => figuresOf('animateScenes', scene, canvas));
  const count = Math.max(...frames.map((figures) => figures.length));
  const strands = Array.from({ length: count }, (_, index) => strandsAt(frames, index)).flat();
  return card({
    canvas,
    title,
    caption: drawCaptions(timeline, parts.flatMap(captionsOf), canvas),
    background,
    picture: strands.map((strand) => drawStrand(timeline, strand)).join(''),
    footer: progressBar(timeline, width),
  });
};

const isScene = (item: SceneEpisode | Scene): item is Scene => 'shapes' in item;

const episodesOf = (items: readonly SceneEpisode[] | readonly Scene[]): readonly SceneEpisode[] => {
  const scenes = items.filter(isScene);
  return scenes.length > 0 ? [{ scenes }] : (items as readonly SceneEpisode[]);
};
