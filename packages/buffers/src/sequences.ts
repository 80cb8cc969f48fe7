import { requireOptions, type Batch, type Buffer, type F32, type Groups, type Rollout } from '@troupe/core';
import ndarray from 'ndarray';
import { emptyBatch, targetsIn } from './batches.js';
import type { Column, ColumnArray } from './columns.js';
import { keepFew } from './keep-few.js';
import { episodes, type Episodes, type SavedEpisodes } from './episodes.js';
import { rowRing, type Capacity, type Rows, type SavedRows } from './row-ring.js';
import type { Gather, Target } from './targets.js';
import type { Sampler, Sampling } from './sampler.js';
import { layOf, layOut, type Laid } from './sequence-rows.js';
import { uniform } from './uniform.js';

/** Settings of `sequenceReplay`. */
export interface SequenceOptions {
  /** Joint rows, or bytes for them. */
  readonly capacity: Capacity;
  /** T: rows of a sequence that are learnt from. */
  readonly length: number;
  /** Rows of the same episode before them that only warm a memory up; fewer where there are fewer. Default 0. */
  readonly burnIn?: number;
  /** Steps from the start of one sequence to that of the next. Default `length`; less overlaps, 1 starts anywhere. */
  readonly every?: number;
  /** How sequences are chosen. Default `uniform()`. */
  readonly sampler?: Sampling;
  /** η: the error of a sequence is η times that of its worst row plus 1 − η times their mean. Default 0.9. */
  readonly peak?: number;
}

/** A replay buffer of sequences of joint rows. */
export interface SequenceReplay<G extends Groups> extends Buffer<Batch<G>, Rollout<G>> {
  /** Sequences that can be drawn. */
  readonly sequences: number;
  /** Memory of one joint row, what fills it up to a multiple of 4 bytes included; 0 before the first `add`. */
  readonly bytesPerRow: number;
  /** Tells the sampler how wrong a learner was about the rows of a sample, before further rows are added. */
  prioritise(index: Int32Array, error: F32): void;
  /** Rows to come do not continue the episodes that are remembered. */
  cut(): void;
  /** Forgets all rows and priorities; memory is kept. */
  clear(): void;
}

/** What `save` gives, and `lend` without copies of the rows. */
export interface SavedSequences<Data = ColumnArray> extends SavedRows<Data> {
  /** What tells it from what other buffers save. */
  readonly kind: 'sequenceReplay';
  /** What the sampler remembers; null before the first row. */
  readonly sampler: unknown;
  /** Which row follows which; null before the first row. */
  readonly episodes: SavedEpisodes | null;
  /** By slot: steps of the episode before; null before the first row. */
  readonly positions: Int32Array | null;
}

/** What is there from the first row on. */
interface Filled<G extends Groups> {
  readonly rows: Rows;
  readonly sampler: Sampler;
  readonly links: Episodes;
  readonly positions: Int32Array;
  readonly gather: Gather;
  /** Columns that are 0 where there is no row. */
  readonly blank: readonly number[];
  readonly last: number;
  readonly drawing: (count: number) => Drawing<G>;
  readonly laid: (count: number) => Laid;
}

interface Drawing<G extends Groups> {
  readonly rollout: Rollout<G>;
  readonly starts: Int32Array;
  /** Of each sequence, where the sampler weighs. */
  readonly drawn: Float32Array;
  /** Of each row. */
  readonly weights: Float32Array;
  readonly targets: readonly Target[];
}

const requireInteger = (name: string, value: number, least: number): number => {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`sequenceReplay: expected ${name} to be an integer >= ${least}, got ${String(value)}`);
  }
  return value;
};

const checkSaved = (input: unknown): SavedSequences => {
  const saved = input as SavedSequences | undefined;
  if (saved?.kind !== 'sequenceReplay' || !Array.isArray(saved.columns) || !(saved.size <= saved.capacity)) {
    throw new TypeError('sequenceReplay.load: expected what save of a buffer of sequences gave, got something else');
  }
  return saved;
};

const isBlank = ({ path }: Column): boolean =>
  path[0] === 'groups' &&
  (path[2] === 'next' ? path[3] === 'active' : ['active', 'reward', 'discount'].includes(path[2]!));

/**
 * Remembers the last `capacity` joint rows and draws sequences of them, for learners with a memory (Kapturowski et al.
 * 2019, R2D2). A sample is a rollout of `burnIn + length` steps: row t · count + b is step t of sequence b.
 *
 * - No sequence reaches over the end of an episode, nor over the newest row. Where one is shorter, `last` is 1 from its
 *   last row on (with discount 1 where the episode goes on: bootstrap from `next`), and the rows after it are blank:
 *   `active`, `reward`, `discount` and `weight` are 0, observations and masks those of the last row.
 * - `weight` [steps · count] is 0 where rows only warm a memory up and where there are none, so that a loss that weighs its
 *   rows needs to know nothing else.
 * - A policy's memory that is stored in `extras` is there at row 0: that of the sequence's first row, burn-in included.
 * - With a sampler that weighs, `index` [count] names the sequences, and `prioritise(index, error)` takes the errors of all
 *   rows [steps · count].
 *
 * Differs from the paper: sequences start every so many steps of an episode, and burn-in is what lies before the start, so
 * that the first rows of an episode are learnt from, too (the paper's burn-in is the first part of each sequence).
 *
 * Rows of one environment must be added in order. `sample` costs O(count · steps). Memory: as `replay`, and 12 bytes a row.
 */
export const sequenceReplay = <G extends Groups>(
  from: { readonly groups: G } | G,
  options: SequenceOptions,
): SequenceReplay<G> => {
  const known = ['capacity', 'length', 'burnIn', 'every', 'sampler', 'peak'];
  requireOptions('sequenceReplay', options, known, '{ capacity: 100_000, length: 20 }');
  const length = requireInteger('length', options.length, 1);
  const burnIn = requireInteger('burnIn', options.burnIn ?? 0, 0);
  const every = requireInteger('every', options.every ?? length, 1);
  const peak = options.peak ?? 0.9;
  if (!(peak >= 0 && peak <= 1)) throw new RangeError(`sequenceReplay: expected peak in [0, 1], got ${String(peak)}`);
  const steps = burnIn + length;
  const sampling = options.sampler ?? uniform();
  let filled: Filled<G> | undefined;
  let worst = new Float32Array(0);

  const drawingOf = (rows: Rows, weighs: boolean, count: number, out?: Rollout<G>): Drawing<G> => {
    const { store, readers } = rows;
    const where = out ? 'sequenceReplay.sample: out' : 'sequenceReplay.sample';
    const total = steps * count;
    if (out) {
      if (out.steps !== steps || out.numEnvs !== count) {
        throw new RangeError(
          `${where}: expected ${steps} steps of ${count} sequences, got ${out.steps} of ${out.numEnvs}`,
        );
      }
      rows.checkParts(where, out.batch);
    }
    const index = weighs ? (out?.batch.index ?? new Int32Array(count)) : undefined;
    const weight = out?.batch.weight ?? ndarray(new Float32Array(total), [total]);
    if (weight.shape[0] !== total || weight.stride[0] !== 1 || (index && index.length !== count)) {
      throw new RangeError(`${where}: expected weights of ${total} rows, contiguous, and an index of ${count}`);
    }
    const batch = out?.batch ?? {
      ...emptyBatch(ring.groups, store.columns, total),
      weight,
      ...(index && { index }),
    };
    return {
      rollout: out ?? { steps, numEnvs: count, batch },
      starts: index ?? new Int32Array(count),
      drawn: new Float32Array(count).fill(1),
      weights: weight.data.subarray(weight.offset, weight.offset + total),
      targets: targetsIn(where, batch, store.columns, readers, total),
    };
  };

  const begin = (rows: Rows, saved?: SavedSequences): void => {
    const { capacity, store } = rows;
    const sampler = sampling(capacity);
    const links = episodes(capacity);
    const positions = new Int32Array(capacity);
    if (saved) {
      sampler.load(saved.sampler);
      links.load(saved.episodes!);
      positions.set(saved.positions!);
    }
    filled = {
      rows,
      sampler,
      links,
      positions,
      gather: store.gatherer(),
      blank: store.columns.flatMap((column, c) => (isBlank(column) ? [c] : [])),
      last: store.columns.findIndex(({ path }) => path[0] === 'last'),
      drawing: keepFew((count) => drawingOf(rows, sampler.weighs, count)),
      laid: keepFew((count) => layOf(steps, count)),
    };
  };
  const ring = rowRing('sequenceReplay', from, options.capacity, begin);

  /** Blanks what lies beyond the end of each sequence, and marks the ends. */
  const close = ({ blank, last, rows }: Filled<G>, { real }: Laid, targets: readonly Target[]): void => {
    const count = real.length;
    for (let b = 0; b < count; b++) {
      const end = targets[last]!;
      for (let t = real[b]! - 1; real[b]! < steps && t < steps; t++) end.data[end.from + t * count + b] = 1;
      for (let t = real[b]!; t < steps; t++) {
        for (let k = 0; k < blank.length; k++) {
          const c = blank[k]!;
          const { size } = rows.store.columns[c]!;
          const { data, from } = targets[c]!;
          const at = from + (t * count + b) * size;
          for (let i = 0; i < size; i++) data[at + i] = 0;
        }
      }
    }
  };
  /** What each row weighs: as much as its sequence, or nothing. */
  const weigh = ({ warm, real }: Laid, { drawn, weights }: Drawing<G>): void => {
    const count = drawn.length;
    for (let t = 0; t < steps; t++) {
      for (let b = 0; b < count; b++) weights[t * count + b] = t >= warm[b]! && t < real[b]! ? drawn[b]! : 0;
    }
  };
  const saved = <Data>(rows: SavedRows<Data>): SavedSequences<Data> => ({
    kind: 'sequenceReplay',
    ...rows,
    sampler: filled?.sampler.save() ?? null,
    episodes: filled?.links.save(ring.size) ?? null,
    positions: filled?.positions.slice(0, ring.size) ?? null,
  });

  return {
    get size() {
      return ring.size;
    },
    get capacity() {
      return ring.capacity ?? 0;
    },
    get sequences() {
      return filled?.sampler.size ?? 0;
    },
    get bytesPerRow() {
      return ring.rows?.bytesPerRow ?? 0;
    },
    add(batch) {
      const count = batch.last.length;
      const first = ring.add(batch);
      const { rows, sampler, links, positions } = filled!;
      for (let b = 0; b < count; b++) {
        const slot = (first + b) % rows.capacity;
        const before = links.enter(slot, batch.env[b]!, batch.last[b]!);
        const position = before < 0 ? 0 : positions[before]! + 1;
        positions[slot] = position;
        if (position % every === 0) sampler.put(slot, 1);
        else sampler.drop(slot);
      }
    },
    sample(count, rng, clock, out) {
      requireInteger('count', count, 1);
      if (!filled || filled.sampler.size === 0) {
        throw new RangeError('sequenceReplay.sample: expected a buffer with sequences, got one without');
      }
      const { rows, sampler, links, gather } = filled;
      const into = out ? drawingOf(rows, sampler.weighs, count, out) : filled.drawing(count);
      const laid = filled.laid(count);
      sampler.draw(into.starts, into.drawn, rng, clock);
      layOut(into.starts, laid, links, length, burnIn);
      gather(laid.slots, into.targets);
      close(filled, laid, into.targets);
      weigh(laid, into);
      return into.rollout;
    },
    prioritise(index, { data, offset, stride, shape }) {
      if (!filled?.sampler.prioritise) {
        throw new TypeError('sequenceReplay.prioritise: expected a sampler with priorities, got one without');
      }
      const count = index.length;
      if (shape.length !== 1 || shape[0] !== steps * count) {
        throw new RangeError(
          `sequenceReplay.prioritise: expected one error per row, [${steps * count}], got an array of shape [${shape.join(', ')}]`,
        );
      }
      const laid = filled.laid(count);
      layOut(index, laid, filled.links, length, burnIn);
      if (worst.length !== count) worst = new Float32Array(count);
      for (let b = 0; b < count; b++) {
        let [top, sum] = [0, 0];
        for (let t = laid.warm[b]!; t < laid.real[b]!; t++) {
          const error = Math.abs(data[offset + (t * count + b) * stride[0]!]!);
          if (!(error <= top)) top = error; // NaN stays, and is refused
          sum += error;
        }
        worst[b] = peak * top + ((1 - peak) * sum) / (laid.real[b]! - laid.warm[b]!);
      }
      filled.sampler.prioritise(index, ndarray(worst, [count]));
    },
    cut: () => filled?.links.cut(),
    clear() {
      ring.clear();
      filled?.sampler.clear();
      filled?.links.clear();
    },
    save: () => saved(ring.save()),
    lend: () => saved(ring.lend()),
    load(input) {
      const given = checkSaved(input);
      ring.load(given);
      if (given.columns.length === 0) filled = undefined;
    },
  };
};
