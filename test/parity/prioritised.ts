/**
 * Replays recorded operations of prioritised buffers through the shipped buffer: rows are added and drawn as a learner
 * does it, the recorded uniforms stand in for the stream. Nothing of a tree or of a weight is written again here.
 */
import { prioritised, replay, type Prioritised } from '@troupe/buffers';
import { box, discrete, rng, type Batch, type Rng } from '@troupe/core';
import ndarray from 'ndarray';
import { relativeError, worstOf, type Worst } from './compare.js';

type Operation =
  | { readonly op: 'add'; readonly count: number }
  | { readonly op: 'addWithPriorities'; readonly priorities: readonly number[] }
  | { readonly op: 'update'; readonly indices: readonly number[]; readonly priorities: readonly number[] }
  | { readonly op: 'updateSampled'; readonly priorities: readonly number[] }
  | {
      readonly op: 'sample';
      readonly batchSize: number;
      readonly beta?: number;
      readonly uniforms: readonly number[];
    };

interface Expected {
  readonly treeTotal?: number;
  readonly treeMin?: number;
  readonly maxPriority?: number;
  readonly size?: number;
  readonly priorities?: readonly number[];
  readonly indices?: readonly number[];
  readonly weights?: readonly number[];
  readonly probabilities?: readonly number[];
  readonly storedItems?: readonly number[];
}

/** One case, as FORMAT.md section 3.2 describes it. */
export interface PrioritisedGolden {
  readonly kind: 'replay';
  readonly algorithm: 'prioritized-replay';
  readonly config: {
    readonly capacity: number;
    readonly alpha: number;
    readonly priorityEpsilon?: number;
    readonly sampling: 'stratified' | 'independent_uniform';
    /** An off-by-one of the original: the newest slot is left out of the total that draws are made of. */
    readonly totalExcludesLastItem?: boolean;
    readonly weightNormalization?: 'global_minimum_priority' | 'batch_maximum_weight';
    readonly duplicates?: string;
  };
  readonly operations: readonly Operation[];
  readonly expected: { readonly operations: readonly Expected[] };
}

const groups = { item: { agents: ['only'], observation: box([1]), action: discrete(2) } } as const;

/** Rows whose environment is the number of the item. */
const items = (first: number, count: number): Batch<typeof groups> => {
  const f32 = (...shape: number[]) => ndarray(new Float32Array(count), [count, ...shape]);
  const seen = { observation: f32(1, 1), active: ndarray(new Uint8Array(count).fill(1), [count, 1]) };
  return {
    groups: {
      item: {
        ...seen,
        action: ndarray(new Int32Array(count), [count, 1]),
        reward: f32(1),
        discount: f32(1),
        next: seen,
        extras: {},
      },
    },
    last: new Uint8Array(count),
    env: Int32Array.from({ length: count }, (_, k) => first + k),
  };
};

/** Replays one case and returns the largest error. */
export const replayPrioritised = ({ config, operations, expected }: PrioritisedGolden): Worst => {
  const dopamine = config.sampling === 'independent_uniform';
  const normalise = { global_minimum_priority: 'buffer', batch_maximum_weight: 'batch' } as const;
  let sampler: Prioritised | undefined;
  let now = { beta: 0 };
  const make = prioritised({
    alpha: config.alpha,
    beta: 0,
    betaEnd: 1,
    epsilon: config.priorityEpsilon ?? 0,
    draws: dopamine ? 'independent' : 'stratified',
    normalise: config.weightNormalization ? normalise[config.weightNormalization] : 'none',
  });
  const buffer = replay(groups, { capacity: config.capacity, sampler: (capacity) => (sampler = make(capacity)) });
  let added = 0;
  let sampled: readonly number[] = [];
  const prioritise = (slots: readonly number[], priorities: readonly number[]): void => {
    // Here the later of two writes stays; the reference that keeps the first gets them in reverse order.
    const first = config.duplicates?.startsWith('first') === true;
    const pairs = slots.map((slot, k) => [slot, priorities[k]!] as const);
    if (first) pairs.reverse();
    const error = Float32Array.from(pairs, ([, priority]) => priority);
    buffer.prioritise(
      Int32Array.from(pairs, ([slot]) => slot),
      ndarray(error, [error.length]),
    );
  };
  /** The recorded uniforms, as a stream. */
  const recorded = (uniforms: readonly number[]): Rng => {
    const { total } = sampler!;
    const leaves = (buffer.save!() as { sampler: { priorities: Float64Array } }).sampler.priorities;
    const share = config.totalExcludesLastItem ? 1 - leaves[buffer.size - 1]! / total : 1;
    let k = 0;
    const next = (): number => {
      const uniform = uniforms[k]!;
      return dopamine ? uniforms[k++]! : (k + uniform) * share - k++;
    };
    return { ...rng(0), uniform: next };
  };

  const worst = worstOf();
  operations.forEach((operation, at) => {
    const want = expected.operations[at]!;
    const see = (name: keyof Expected, have: readonly number[]): void => {
      const wanted = want[name];
      if (wanted === undefined) return;
      const list = typeof wanted === 'number' ? [wanted] : wanted;
      worst.see(`operation ${at + 1} (${operation.op}) ${name}`, relativeError(have, list), list.length);
    };
    if (operation.op === 'sample') {
      const { batchSize, uniforms } = operation;
      now = { beta: operation.beta ?? 1 };
      const batch = buffer.sample(batchSize, recorded(uniforms), { steps: now.beta, total: 1 });
      sampled = Array.from(batch.index!);
      const weights = Array.from(batch.weight!.data);
      see('indices', sampled);
      see('storedItems', Array.from(batch.env));
      see('weights', weights);
      // With β 1 and nothing normalised a weight is 1 / (n P).
      see(
        'probabilities',
        weights.map((weight) => 1 / (buffer.size * weight)),
      );
      return;
    }
    if (operation.op === 'add' || operation.op === 'addWithPriorities') {
      const count = operation.op === 'add' ? operation.count : operation.priorities.length;
      buffer.add(items(added, count));
      if (operation.op === 'addWithPriorities') {
        prioritise(
          operation.priorities.map((_, k) => (added + k) % config.capacity),
          operation.priorities,
        );
      }
      added += count;
    } else if (operation.op === 'update') prioritise(operation.indices, operation.priorities);
    else prioritise(sampled, operation.priorities);
    const leaves = Array.from((buffer.save!() as { sampler: { priorities: Float64Array } }).sampler.priorities);
    see('treeTotal', [sampler!.total]);
    see('treeMin', [Math.min(...leaves)]);
    see('maxPriority', [sampler!.largest]);
    see('size', [buffer.size]);
    see('priorities', leaves);
  });
  return worst.result();
};
