import { short, tag, type Attributes } from './markup.js';

/** When everything happens, in seconds. Frames are numbered through all episodes. */
export interface Timeline {
  readonly total: number;
  /** When each frame is reached. */
  readonly times: readonly number[];
  /** Number of the episode of each frame. */
  readonly episodes: readonly number[];
  /** When each episode gives way to the next: after its last frame and a pause. */
  readonly ends: readonly number[];
}

/** Episodes of these numbers of frames, one after another; the last frame of each stays for `pause` seconds longer. */
export const timelineOf = (counts: readonly number[], fps: number, pause: number): Timeline => {
  const times: number[] = [];
  const episodes: number[] = [];
  const ends: number[] = [];
  let total = 0;
  counts.forEach((count, episode) => {
    for (let i = 0; i < count; i++) {
      times.push(total + i / fps);
      episodes.push(episode);
    }
    total += count / fps + pause;
    ends.push(total);
  });
  return { total, times, episodes, ends };
};

/** When what frame `f` shows is replaced: at the next frame, or at the end of its episode. */
export const endOf = ({ times, episodes, ends }: Timeline, f: number): number =>
  episodes[f + 1] === episodes[f] ? times[f + 1]! : ends[episodes[f]!]!;

/** A time as a fraction of the whole, to about a millisecond. */
const fraction = ({ total }: Timeline, time: number): string =>
  short(time / total, Math.max(3, Math.ceil(Math.log10(total * 1000))));

const animation = (name: string, { total }: Timeline, attributes: Attributes): string =>
  tag(name, { ...attributes, dur: `${short(total, 3)}s`, repeatCount: 'indefinite' });

/** One vector at one time. */
interface Key {
  readonly time: number;
  readonly value: readonly number[];
}

/**
 * Keeps the keys that a polyline through them needs to stay within `tolerance` of every key, in every component
 * (Douglas and Peucker 1973, with the distance measured at equal times).
 */
export const simplify = (keys: readonly Key[], tolerance: number): Key[] => {
  const kept = new Set<number>([0, keys.length - 1]);
  const pending: [number, number][] = [[0, keys.length - 1]];
  for (let span = pending.pop(); span; span = pending.pop()) {
    const [first, last] = span;
    const a = keys[first]!;
    const b = keys[last]!;
    let worst = tolerance;
    let split = -1;
    for (let i = first + 1; i < last; i++) {
      const { time, value } = keys[i]!;
      const weight = (time - a.time) / (b.time - a.time);
      for (let c = 0; c < value.length; c++) {
        const error = Math.abs(value[c]! - (a.value[c]! + weight * (b.value[c]! - a.value[c]!)));
        if (error > worst) [worst, split] = [error, i];
      }
    }
    if (split < 0) continue;
    kept.add(split);
    pending.push([first, split], [split, last]);
  }
  return keys.filter((_, i) => kept.has(i));
};

/** Values in some frames; `undefined` in frames where there is nothing to show. */
export type Track<V> = readonly (V | undefined)[];

/** What `animateLinearly` writes, and how exactly. */
export interface Motion {
  readonly element: 'animate' | 'animateTransform';
  /** All attributes of the element except values and times. */
  readonly attributes: Attributes;
  /** How far the drawn value may be from the given one. */
  readonly tolerance: number;
  readonly format: (value: readonly number[]) => string;
}

/** Moves a value linearly from frame to frame within an episode, at once between episodes; '' where it never changes. */
export const animateLinearly = (timeline: Timeline, track: Track<readonly number[]>, motion: Motion): string => {
  const { element, attributes, tolerance, format } = motion;
  const keys: Key[] = [];
  let run: Key[] = [];
  track.forEach((value, f) => {
    if (value === undefined) return;
    run.push({ time: timeline.times[f]!, value });
    const continues = timeline.episodes[f + 1] === timeline.episodes[f] && track[f + 1] !== undefined;
    if (continues) return;
    run.push({ time: endOf(timeline, f), value });
    keys.push(...simplify(run, tolerance));
    run = [];
  });
  const first = keys[0]!;
  const last = keys.at(-1)!;
  const values = keys.map(({ value }) => format(value));
  if (values.every((value) => value === values[0])) return '';
  const times = keys.map(({ time }) => fraction(timeline, time));
  // Values must be given from 0 to 1.
  if (first.time > 0) {
    times.unshift('0');
    values.unshift(format(first.value));
  }
  if (last.time < timeline.total) {
    times.push('1');
    values.push(format(last.value));
  }
  return animation(element, timeline, { ...attributes, values: values.join(';'), keyTimes: times.join(';') });
};

/** Changes an attribute at once, at the frames where it changes; '' where it never does. */
export const animateDiscretely = (timeline: Timeline, track: Track<string>, attributeName: string): string => {
  const values: string[] = [];
  const times: string[] = [];
  track.forEach((value, f) => {
    if (value === undefined || value === values.at(-1)) return;
    times.push(values.length === 0 ? '0' : fraction(timeline, timeline.times[f]!));
    values.push(value);
  });
  if (values.length < 2) return '';
  const keyTimes = times.join(';');
  return animation('animate', timeline, { attributeName, calcMode: 'discrete', values: values.join(';'), keyTimes });
};

/** Shows an element in these frames only. */
export const animatePresence = (timeline: Timeline, present: readonly boolean[]): string =>
  animateDiscretely(
    timeline,
    present.map((shown) => (shown ? 'visible' : 'hidden')),
    'visibility',
  );
