import { requireOptions, type Batch, type Buffer, type F32, type Groups } from '@troupe/core';
import type { ColumnArray } from './columns.js';
import { drawingIn, drawings, type Drawing } from './drawing.js';
import { episodes, type Episodes, type SavedEpisodes } from './episodes.js';
import { rowRing, type Capacity, type Rows, type SavedRows } from './row-ring.js';
import type { Gather } from './targets.js';
import type { Sampler, Sampling } from './sampler.js';
import { uniform } from './uniform.js';
import { windowReader } from './windows.js';

/** Settings of `replay`. */
export interface ReplayOptions {
  /** Joint rows, or bytes for them. */
  readonly capacity: Capacity;
  /** How rows are chosen: `uniform()`, `prioritised()`, or a sampler of your own. Default `uniform()`. */
  readonly sampler?: Sampling;
  /** n: a row that is drawn tells of so many steps (n-step returns). Default 1. */
  readonly steps?: number;
  /** γ of the learner, by which n-step returns discount. Wanted where `steps` is above 1. */
  readonly discount?: number;
}

/** A replay buffer of joint rows. */
export interface Replay<G extends Groups> extends Buffer<Batch<G>> {
  /** Memory of one joint row, what fills it up to a multiple of 4 bytes included; 0 before the first `add`. */
  readonly bytesPerRow: number;
  /** Tells the sampler how wrong a learner was about the rows of a sample, before further rows are added. */
  prioritise(index: Int32Array, error: F32): void;
  /** Rows to come do not continue the episodes that are remembered. */
  cut(): void;
  /** Forgets all rows and priorities; memory is kept. */
  clear(): void;
}

/** What `save` gives, and `lend` without copies of the rows: plain data, columns trimmed to the rows that there are. */
export interface SavedReplay<Data = ColumnArray> extends SavedRows<Data> {
  /** What tells it from what other buffers save. */
  readonly kind: 'replay';
  /** What the sampler remembers; null before the first row. */
  readonly sampler: unknown;
  /** Which row follows which; null for buffers of single rows. */
  readonly episodes: SavedEpisodes | null;
}

/** What is there from the first row on. */
interface Filled<G extends Groups> {
  readonly rows: Rows;
  readonly sampler: Sampler;
  readonly episodes: Episodes | undefined;
  readonly read: Gather;
  readonly drawing: (count: number) => Drawing<G>;
}

const requireSteps = ({ steps = 1, discount }: ReplayOptions): readonly [steps: number, discount: number] => {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`replay: expected steps to be an integer >= 1, got ${String(steps)}`);
  }
  if (steps === 1 && discount === undefined) return [1, 1];
  if (discount === undefined || !(discount >= 0 && discount <= 1)) {
    throw new RangeError(
      `replay: expected discount in [0, 1], the γ of the learner, as steps is ${steps}, got ${String(discount)}`,
    );
  }
  return [steps, discount];
};

const checkSaved = (input: unknown, linked: boolean): SavedReplay => {
  const saved = input as SavedReplay | undefined;
  const fits =
    saved?.kind === 'replay' &&
    Array.isArray(saved.columns) &&
    Number.isInteger(saved.size) &&
    saved.size <= saved.capacity &&
    (saved.cursor === 0 || (saved.cursor > 0 && saved.cursor < saved.capacity));
  if (!fits) throw new TypeError('replay.load: expected what save of a replay buffer gave, got something else');
  if (saved.columns.length > 0 && (saved.episodes !== null) !== linked) {
    const [own, other] = linked ? ['several steps', 'single rows'] : ['single rows', 'several steps'];
    throw new TypeError(`replay.load: expected what a buffer of ${own} saved, got what a buffer of ${other} saved`);
  }
  return saved;
};

/**
 * Remembers the last `capacity` joint rows and draws from them: uniformly with replacement, or as `sampler` says.
 *
 * - `add` copies B rows, one per environment; views of any strides are read as what they show. Which masks, `state` and
 *   extras a row has is fixed by the first `add`. Throws a TypeError or RangeError for anything of another type or shape,
 *   and for more rows than the capacity.
 * - `sample(count, rng)` costs O(count), whatever the size of the buffer, and a factor O(log capacity) with priorities.
 *   Its arrays are used again by the next sample of as many rows; `out` (from `copyBatch`, say) is filled instead if
 *   given. Throws a RangeError when the buffer is empty or count < 1.
 * - With a sampler that weighs, batches have `weight` and `index`, and `prioritise(index, error)` tells it the errors,
 *   before further rows are added.
 * - With `steps` n, reward and discount of a drawn row are those of up to n steps, and `next` is what was seen after them.
 *   γ enters m − 1 times: the learner itself multiplies by it once. See `windows.ts`. Rows of one environment must be
 *   added in order; `cut` says that they no longer are.
 * - `save` and `load` continue bit for bit: the same rows in the same slots, with the same priorities. `lend` is `save`
 *   without a copy of the rows, for writing.
 *
 * Memory is taken as rows come in, up to `capacity * bytesPerRow`; 8 bytes a row more with `steps`, 10 with priorities.
 * `state` is stored once, not once per group.
 */
export const replay = <G extends Groups>(from: { readonly groups: G } | G, options: ReplayOptions): Replay<G> => {
  requireOptions('replay', options, ['capacity', 'sampler', 'steps', 'discount'], '{ capacity: 100_000 }');
  const [steps, gamma] = requireSteps(options);
  const sampling = options.sampler ?? uniform();
  let filled: Filled<G> | undefined;

  const ring = rowRing('replay', from, options.capacity, (rows, saved?: SavedReplay) => {
    const sampler = sampling(rows.capacity);
    const links = steps > 1 ? episodes(rows.capacity) : undefined;
    if (saved) sampler.load(saved.sampler);
    if (saved?.episodes) links?.load(saved.episodes);
    filled = {
      rows,
      sampler,
      episodes: links,
      read: links ? windowReader(rows.store, links.following, steps, gamma) : rows.store.gatherer(),
      drawing: drawings('replay', ring.groups, rows, sampler.weighs),
    };
  });

  const saved = <Data>(rows: SavedRows<Data>): SavedReplay<Data> => ({
    kind: 'replay',
    ...rows,
    sampler: filled?.sampler.save() ?? null,
    episodes: filled?.episodes?.save(ring.size) ?? null,
  });

  return {
    get size() {
      return ring.size;
    },
    get capacity() {
      return ring.capacity ?? 0;
    },
    get bytesPerRow() {
      return ring.rows?.bytesPerRow ?? 0;
    },
    add(batch) {
      const count = batch.last.length;
      const first = ring.add(batch);
      const { rows, sampler, episodes: links } = filled!;
      const whole = Math.min(count, rows.capacity - first);
      sampler.put(first, whole);
      if (whole < count) sampler.put(0, count - whole);
      if (!links) return;
      for (let b = 0; b < count; b++) links.enter((first + b) % rows.capacity, batch.env[b]!, batch.last[b]!);
    },
    sample(count, rng, clock, out) {
      if (!Number.isInteger(count) || count < 1) {
        throw new RangeError(`replay.sample: expected count to be an integer >= 1, got ${String(count)}`);
      }
      if (!filled || ring.size === 0) {
        throw new RangeError('replay.sample: expected a buffer with rows, got an empty one');
      }
      const { rows, sampler, read } = filled;
      const into = out ? drawingIn('replay.sample: out', out, rows, count, sampler.weighs) : filled.drawing(count);
      sampler.draw(into.slots, into.weights, rng, clock);
      read(into.slots, into.targets);
      return into.batch;
    },
    prioritise(index, error) {
      if (!filled?.sampler.prioritise) {
        throw new TypeError('replay.prioritise: expected a sampler with priorities, got one without');
      }
      filled.sampler.prioritise(index, error);
    },
    cut: () => filled?.episodes?.cut(),
    clear() {
      ring.clear();
      filled?.sampler.clear();
      filled?.episodes?.clear();
    },
    save: () => saved(ring.save()),
    lend: () => saved(ring.lend()),
    load(input) {
      const given = checkSaved(input, steps > 1);
      ring.load(given);
      if (given.columns.length === 0) filled = undefined;
    },
  };
};
