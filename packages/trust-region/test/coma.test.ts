import { box, discrete, rng, type Groups, type Rollout } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { coma, type ComaState } from '../src/index.js';
import { close, read, write, type Leaf } from './leaves.js';
import { f32, ones } from './rollouts.js';

const clock = { steps: 0, total: 1 };
const plain = {
  optimiser: 'sgd',
  maxGradNorm: null,
  learningRateActor: 1,
  learningRateCritic: 1e-9,
  entropy: 0,
  criticEpochs: 1,
} as const;
type Parts = Readonly<Record<'actor' | 'critic', Readonly<Record<string, { theta: Leaf; target: Leaf }>>>>;
const partsOf = ({ carry }: ComaState) => leavesOf(carry) as unknown as Parts;

/** Weights of a critic whose hidden units repeat some of its inputs, which are positive or zero. */
const repeating = (inputs: number, hidden: readonly number[], worth: readonly (readonly number[])[]): number[] => [
  ...Array.from({ length: inputs }, (_, i) => hidden.map((input) => (input === i ? 1 : 0))).flat(),
  ...hidden.map(() => 0),
  ...worth.flat(),
  ...worth[0]!.map(() => 0),
];

describe.each(runtimes)('COMA, %s', (_name, runtime) => {
  it('tells every group what the others did, whatever spaces they have', async () => {
    const groups = {
      pair: { agents: ['a'], observation: box([1]), action: discrete(2) },
      rest: { agents: ['b'], observation: discrete(2), action: discrete(3) },
    } as const satisfies Groups;
    const payoff = [
      [0, 2, 1],
      [3, -1, 4],
    ];
    // Every joint action once, as uniform policies play them in the mean.
    const joint = payoff.flatMap((row, a) => row.map((reward, b) => ({ a, b, reward })));
    const rowsFor = (observation: Leaf, chosen: readonly number[]) => {
      const seen = { observation, active: ones(6, 1) };
      const reward = f32(
        joint.map((one) => one.reward),
        6,
        1,
      );
      const action = ndarray(Int32Array.from(chosen), [6, 1]);
      return { ...seen, action, reward, discount: f32(new Array<number>(6).fill(0), 6, 1), next: seen, extras: {} };
    };
    const batch = {
      groups: {
        pair: rowsFor(f32([1, 1, 1, 1, 1, 1], 6, 1, 1), joint.map(({ a }) => a)), // prettier-ignore
        rest: rowsFor(f32([0, 1, 0, 1, 0, 1], 6, 1, 1), joint.map(({ b }) => b)), // prettier-ignore
      },
      last: new Uint8Array(6).fill(1),
      env: Int32Array.from({ length: 6 }, (_, e) => e),
    };
    const learner = coma(groups, { runtime, ...plain, sharing: 'shared', hidden: [5] });
    const state = learner.init(rng(1));
    const { actor, critic } = partsOf(state);
    write(actor['pair']!.theta, () => 0);
    write(actor['rest']!.theta, () => 0);
    // inputs: an observation, one of two as a choice, a's choice [2], b's [3]; the own choice is blank
    const told = [3, 4, 5, 6, 7];
    const blank = (n: number, of: number) => Array.from({ length: of }, () => new Array<number>(n).fill(99));
    const byB = [0, 1, 2].map((b) => payoff.map((row) => row[b]!));
    const weights = { pair: repeating(8, told, [...blank(2, 2), ...byB]), rest: repeating(8, told, [...payoff, ...blank(3, 3)]) }; // prettier-ignore
    write(critic['pair']!.theta, (i) => weights.pair[i]!);
    write(critic['rest']!.theta, (i) => weights.rest[i]!);
    const [after, metrics] = await learner.update(state, { steps: 1, numEnvs: 6, batch }, rng(2), clock);
    expect(metrics['criticLoss']).toBeCloseTo(0, 5);
    // π(a) (E[r | a] − E r), with E r = 9/6; E[r | a] 1, 2; E[r | b] 1.5, 0.5, 2.5
    close(read(partsOf(after).actor['pair']!.theta, -2), [-0.25, 0.25]);
    close(read(partsOf(after).actor['rest']!.theta, -3), [0, -1 / 3, 1 / 3]);
  });

  const groups = { team: { agents: ['a'], observation: box([1]), action: discrete(3) } } as const satisfies Groups;
  /** Four steps of two environments: the first is cut by the clock after two, the second ends after three. */
  const rollout = (): Rollout<typeof groups> => {
    const legal = (choices: readonly number[]) =>
      ndarray(
        Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === choices[Math.floor(i / 3)] ? 1 : 0)),
        [8, 1, 3],
      );
    const team = {
      observation: f32([1, 2, 3, 4, 5, 6, 7, 8], 8, 1, 1),
      active: ones(8, 1),
      action: ndarray(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1), [8, 1]),
      reward: f32([1, -1, 2, 0, 3, 1, -2, 5], 8, 1),
      discount: f32([1, 1, 1, 1, 1, 0, 1, 1], 8, 1),
      // Only one choice is left where the rollout does not tell what was done.
      next: { observation: f32([30, 40, 9, 50, 60, 70, 11, 12], 8, 1, 1), active: ones(8, 1), legal: legal([0, 0, 1, 0, 0, 0, 2, 0]) }, // prettier-ignore
      extras: {},
    };
    return {
      ...{ steps: 4, numEnvs: 2 },
      batch: {
        ...{ groups: { team }, env: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1) },
        last: Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 0),
      },
    };
  };

  it('learns λ-returns of what its targets say of the actions that follow, drawn where the rollout does not tell', async () => {
    const [gamma, lambda] = [0.9, 0.7];
    const learner = coma(groups, { runtime, ...plain, discount: gamma, lambda, sharing: 'shared', hidden: [1] });
    const state = learner.init(rng(1));
    const { critic } = partsOf(state);
    // inputs: the observation and the blank own choice
    write(critic['team']!.target, (i) => repeating(4, [0], [[1, 2, 3]])[i]!);
    write(critic['team']!.theta, (i) => repeating(4, [0], [[-1, 0, 1]])[i]!);
    const { batch } = rollout();
    const { observation, action, reward, discount, next } = batch.groups.team;
    const q = (o: number, a: number) => o * (1 + a);
    const followed: Readonly<Record<number, number>> = { 2: 1, 6: 2, 7: 0 };
    const worth = (row: number): number => {
      const cut = followed[row];
      if (discount.data[row] === 0) return reward.data[row]!;
      if (cut !== undefined) return reward.data[row]! + gamma * q(next.observation.data[row]!, cut);
      const value = q(observation.data[row + 2]!, action.data[row + 2]!);
      return reward.data[row]! + gamma * ((1 - lambda) * value + lambda * worth(row + 2));
    };
    const errors = Array.from({ length: 8 }, (_, row) => observation.data[row]! * (action.data[row]! - 1) - worth(row));
    const [, metrics] = await learner.update(state, rollout(), rng(2), clock);
    const loss = errors.reduce((sum, e) => sum + e * e, 0) / 8;
    expect(metrics['criticLoss']! / loss).toBeCloseTo(1, 5);
  });

  it('knows of legal choices alone: the gradient of one row', async () => {
    const entropy = 0.3;
    const learner = coma(groups, { runtime, ...plain, entropy, sharing: 'shared', hidden: [2] });
    const state = learner.init(rng(1));
    const { actor, critic } = partsOf(state);
    const [logits, worth, chosen] = [[0.2, 3, -0.5], [4, 100, -2], 2];
    const ending = (leaf: Leaf, values: readonly number[]) =>
      write(leaf, (i) => (i < leaf.size - 3 ? 0 : values[i - leaf.size + 3]!));
    ending(actor['team']!.theta, logits);
    ending(critic['team']!.theta, worth);
    const legal = ndarray(Uint8Array.of(1, 0, 1), [1, 1, 3]);
    const seen = { observation: f32([1], 1, 1, 1), active: ones(1, 1), legal };
    const action = ndarray(Int32Array.of(chosen), [1, 1]);
    const team = { ...seen, action, reward: f32([5], 1, 1), discount: f32([0], 1, 1), next: seen, extras: {} };
    const batch = { groups: { team }, last: Uint8Array.of(1), env: Int32Array.of(0) };
    const [after, metrics] = await learner.update(state, { steps: 1, numEnvs: 1, batch }, rng(2), clock);
    const first = 1 / (1 + Math.exp(-0.5 - 0.2));
    const p = [first, 0, 1 - first];
    const spread = -p.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0);
    const advantage = worth[chosen]! - p.reduce((sum, x, i) => sum + x * worth[i]!, 0);
    const steps = p.map(
      (x, i) => ((i === chosen ? 1 : 0) - x) * advantage - (x > 0 ? entropy * x * (Math.log(x) + spread) : 0),
    );
    close(
      read(partsOf(after).actor['team']!.theta, -3),
      logits.map((z, i) => z + steps[i]!),
    );
    expect(metrics['entropy']).toBeCloseTo(spread, 5);
  });

  it('copies its critics into the targets at every so many updates', async () => {
    const learner = coma(groups, { runtime, ...plain, learningRateCritic: 1e-4, targetEvery: 3, hidden: [4] });
    let state = learner.init(rng(1));
    const begun = read(partsOf(state).critic['team']!.target, 0);
    for (let update = 1; update <= 4; update++) {
      [state] = await learner.update(state, rollout(), rng(2), clock);
      const { theta, target } = partsOf(state).critic['team']!;
      if (update < 3) expect(read(target, 0)).toEqual(begun);
      if (update === 3) expect(read(target, 0)).toEqual(read(theta, 0));
      if (update !== 3) expect(read(target, 0)).not.toEqual(read(theta, 0));
    }
  });
});
