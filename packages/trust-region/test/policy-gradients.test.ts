import { halves, tabularTeam } from '@troupe/classic-control';
import { box, onPolicy, rng, type Learner, type Rollout } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { a2c, coma, maa2c, type ComaState, type TrustRegionState } from '../src/index.js';
import { close, read, write, type Leaf } from './leaves.js';
import { f32 } from './rollouts.js';
import { enumerated, groupsOf, payoff, type Team } from './two-by-two.js';

const runtime = runtimes[1]![1];

const groups = groupsOf(2);

/** ∂J/∂logit of a choice under uniform policies: π(a) (E[r | a] − E r) = ½ (1 − 0.75), ½ (0.5 − 0.75). */
const exact = [0.125, -0.125];
const clock = { steps: 0, total: 1 };
const plain = {
  runtime,
  hidden: [1],
  optimiser: 'sgd',
  maxGradNorm: null,
  learningRateActor: 1,
  learningRateCritic: 1e-9,
  entropy: 0,
} as const;

describe('the policy gradient', () => {
  it.each(['separate', 'sharedWithIds'] as const)(
    'of A2C is the exact one, whatever the critic thinks: %s',
    async (sharing) => {
      for (const make of [a2c, maa2c]) {
        const learner = make(groups, { ...plain, sharing });
        const state: TrustRegionState = learner.init(rng(1));
        const thetaOf = (of: TrustRegionState, i: number) =>
          (leavesOf(of.actors['team']![i]!) as { theta: Leaf }).theta;
        state.actors['team']!.forEach((_, i) => write(thetaOf(state, i), () => 0));
        const [after] = await learner.update(state, enumerated(2), rng(2), clock);
        // The last two weights are the biases of the logits. Shared, it is the mean of the gradients of both agents.
        after.actors['team']!.forEach((_, i) => close(read(thetaOf(after, i), -2), exact));
      }
    },
  );

  it.each([
    ['separate', 'observations'],
    ['sharedWithIds', 'observations'],
    ['sharedWithIds', 'state'],
  ] as const)('of COMA is the exact one where its critic knows the game: %s, critic sees %s', async (sharing, sees) => {
    // No hidden layer could be simpler: two relu units that pass on what the other agent did.
    const wide = sees === 'state' ? 3 : 2;
    const stateSpace = sees === 'state' && { stateSpace: box([wide]) };
    const learner = coma(groups, { ...plain, ...stateSpace, sharing, hidden: [4] });
    const state = learner.init(rng(1));
    const leaves = (of: ComaState) =>
      leavesOf(of.carry) as unknown as Record<'actor' | 'critic', { team: { theta: Leaf; target?: Leaf } }>;
    write(leaves(state).actor.team.theta, () => 0);
    // critic inputs: 2 observations or a state of 3 numbers, a's choice [2], b's choice [2] (the own one is blank), ids [2]
    const [inputs, hidden] = [wide + 6, 4];
    const kernel = (i: number, h: number) => (i >= wide && i < wide + 4 && i - wide === h ? 1 : 0);
    const weights = [
      ...Array.from({ length: inputs * hidden }, (_, k) => kernel(Math.floor(k / hidden), k % hidden)),
      ...Array.from({ length: hidden }, () => 0),
      // what the other did, 0 or 1, in either block → worth of the own choices
      ...[payoff[0], payoff[1], payoff[0], payoff[1]].flat(),
      0,
      0,
    ];
    write(leaves(state).critic.team.theta, (i) => weights[i]!);
    const [after, metrics] = await learner.update(
      state,
      enumerated(2, stateSpace ? f32(new Array<number>(12).fill(1), 4, 3) : undefined),
      rng(2),
      clock,
    );
    expect(metrics['criticLoss']).toBeCloseTo(0, 6);
    const { theta } = leaves(after).actor.team;
    const own = theta.size / (sharing === 'separate' ? 2 : 1);
    for (let from = 0; from < theta.size; from += own) close(read(theta, from + own - 2, from + own), exact);
  });
});

const game = () => tabularTeam(halves({ players: 4 }), { numEnvs: 32 });

describe('a team in which half must do the opposite of the other half', () => {
  type Env = ReturnType<typeof game>;
  const worth = async <S>(
    learn: (of: Env['groups']) => Learner<Env['groups'], S, Rollout<Env['groups']>>,
    steps = 32_000,
  ): Promise<number> => {
    const env = game();
    let [sum, episodes] = [0, 0];
    for await (const at of onPolicy({ env, learner: learn(env.groups), rng: rng(3), steps, horizon: 8 })) {
      if (at.steps <= 0.8 * steps) continue;
      for (const { returns } of at.episodes) {
        sum += Object.values(returns)[0]!;
        episodes += 1;
      }
    }
    return sum / episodes;
  };
  const settings = { runtime, hidden: [8], learningRateActor: 0.02, learningRateCritic: 0.02, entropy: 0 } as const;

  it('finds its part by A2C, MAA2C and COMA', async () => {
    expect(await worth((of) => a2c(of, settings))).toBeGreaterThan(0.9);
    expect(await worth((of) => maa2c(of, settings))).toBeGreaterThan(0.9);
    expect(await worth((of) => coma(of, { ...settings, hidden: [32] }))).toBeGreaterThan(0.9);
  });

  it('cannot with one policy for all: 2/2⁴ at most', async () => {
    expect(await worth((of) => maa2c(of, { ...settings, sharing: 'shared' }))).toBeLessThan(0.17);
    expect(await worth((of) => coma(of, { ...settings, hidden: [32], sharing: 'shared' }))).toBeLessThan(0.17);
  });
});

describe('COMA', () => {
  /** All weights after one update, where b may not choose 1 in the first row and is dead in the last, paid so much. */
  const after = async (within: (typeof runtimes)[number][1], pay: number): Promise<readonly number[]> => {
    const rollout = enumerated(2);
    const { team } = rollout.batch.groups;
    team.active.set(3, 1, 0);
    team.reward.set(3, 1, pay);
    const legal = ndarray(new Uint8Array(16).fill(1), [4, 2, 2]);
    legal.set(0, 1, 1, 0);
    const masked = { ...team, legal, next: { ...team.next, legal } };
    const learner = coma(groups, { runtime: within, hidden: [6], sharing: 'separate', normaliseAdvantages: true });
    const given = { ...rollout, batch: { ...rollout.batch, groups: { team: masked } } } as unknown as Rollout<Team>;
    const [state] = await learner.update(learner.init(rng(1)), given, rng(2), clock);
    return Array.from(state.carry.flat);
  };

  it('is the same in both runtimes, with masks', async () => {
    const [eagerly, compiled] = [await after(runtimes[0]![1], 0), await after(runtime, 0)];
    expect(compiled.every(Number.isFinite)).toBe(true);
    eagerly.forEach((x, i) => expect(Math.abs(compiled[i]! - x)).toBeLessThan(1e-5 * Math.max(1, Math.abs(x))));
  });

  it('gives rows of the dead no weight', async () => {
    expect(await after(runtime, 100)).toEqual(await after(runtime, 0));
  });
});

describe('COMA at the door', () => {
  it('refuses what is no single choice', () => {
    const movers = { team: { agents: ['a'], observation: box([1]), action: box([1]) } } as const;
    expect(() => coma(movers, { runtime })).toThrow("one choice per agent in group 'team', got box actions");
    expect(() => coma(groups, { runtime, lambda: 2 })).toThrow('lambda');
  });
});
