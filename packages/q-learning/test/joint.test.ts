import {
  box,
  discrete,
  evaluate,
  offPolicy,
  rng,
  scripted,
  type Batch,
  type Discrete,
  type GroupsActing,
  type Learner,
  type VecEnv,
} from '@troupe/core';
import { replay } from '@troupe/buffers';
import {
  climbing,
  jointProcess,
  markovGame,
  nonMonotone,
  prisonersDilemma,
  tabularTeam,
  tabularWorld,
  twoStep,
  valueIteration,
} from '@troupe/classic-control';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { dqn } from '../src/dqn/dqn.js';
import { jointView } from '../src/joint/joint-view.js';
import { jointly } from '../src/joint/jointly.js';
import { opponentModels } from '../src/joint/opponent-models.js';
import { expectedValues, playersOf } from '../src/joint/opponent-table.js';
import { tabularQ } from '../src/linear/learner.js';
import { qmix, vdn } from '../src/team/decomposition.js';

const onnx = runtimes[1]![1];
const clock = { steps: 0, total: 1 };

const train = async <G extends GroupsActing<Discrete>, S>(
  env: VecEnv<G>,
  learner: Learner<G, S, Batch<G>>,
  steps: number,
  updateEvery = 4,
) => {
  const buffer = replay(env.groups, { capacity: 5000 });
  let state: S | undefined;
  for await (const progress of offPolicy({ env, learner, buffer, rng: rng(0), steps, batchSize: 64, updateEvery })) {
    state = progress.state;
  }
  const policies = learner.policies(state!, 'exploit');
  const { returns } = await evaluate({ env, policies, rng: rng(1), episodes: 50 });
  const means = Object.values(returns as Record<string, { readonly mean: number }>).map(({ mean }) => mean);
  return { state: state!, policies, result: means.reduce((a, b) => a + b, 0) / means.length };
};
const exploring = { epsilonStart: 1, epsilonEnd: 1 };

describe('joint-action learning', () => {
  it('by table finds the values of value iteration over the joint game', async () => {
    // Both get the same, so the process of the team counts every reward twice.
    const game = twoStep();
    const { q } = valueIteration(jointProcess(game), { discount: 0.9 });
    const env = tabularTeam(game, { numEnvs: 4 });
    const learner = jointly(env.groups, (groups) => tabularQ(groups, { learningRate: 1, discount: 0.9, ...exploring }));
    const { state, result } = await train(env, learner, 3000);
    expect(result).toBe(8);
    const { data, shape } = state.groups['agents']!.weights;
    // [1, 1, J, F], F one-hot observations of both agents, of which the first names the state.
    const [J, F] = [shape[2]!, shape[3]!];
    for (let s = 0; s < 3; s++) for (let j = 0; j < J; j++) expect(data[j * F + s]).toBeCloseTo(q[s * J + j]! / 2, 6);
  });

  const world = () => tabularTeam(nonMonotone(), { numEnvs: 8 });
  const settings = { runtime: onnx, hidden: [32], learningRate: 5e-3, targetEvery: 40, ...exploring };
  it('by network finds the optimum that neither VDN nor QMIX can represent', async () => {
    const env = world();
    expect(
      (
        await train(
          env,
          jointly(env.groups, (groups) => dqn(groups, settings)),
          2400,
        )
      ).result,
    ).toBe(8);
    expect((await train(env, vdn(env.groups, settings), 2400)).result).toBeLessThan(8);
    expect((await train(env, qmix(env.groups, { ...settings, hypernetwork: [], embed: 8 }), 2400)).result).toBeLessThan(
      8,
    );
  });

  it('climbs where the best joint choice lies beside the worst; the same learner for each by itself does not', async () => {
    const env = tabularTeam(climbing(), { numEnvs: 4 });
    const learn = { learningRate: 0.5, visitPower: 0.6, ...exploring };
    const together = jointly(env.groups, (groups) => tabularQ(groups, learn));
    expect((await train(env, together, 2000)).result).toBe(11);
    expect((await train(env, tabularQ(env.groups, learn), 2000)).result).toBeLessThan(11);
  });

  it('can be exported: the joint choice as one-hot logits of every agent', async () => {
    const env = world();
    const learner = jointly(env.groups, (groups) => dqn(groups, settings));
    const { state, policies } = await train(env, learner, 1600);
    const { step, theta, head } = learner.acting!(state).agents;
    expect(head).toEqual([{ kind: 'choice', n: 3 }]);
    const { agents: seen } = env.reset(rng(3));
    const compiled = onnx.compile(step, { name: 'export' });
    const { output } = await compiled.run({ layout: [], flat: new Float32Array(0) }, { theta, observation: seen.observation }); // prettier-ignore
    const { action } = await policies.agents.act(seen, rng(0), clock);
    const rows = Array.from(output.output.data);
    Array.from(action.data).forEach((a, r) => {
      expect(rows.slice(3 * r, 3 * r + 3)).toEqual([0, 1, 2].map((k) => (k === a ? 1 : 0)));
    });
  });

  it('refuses a product that is too large, with what to do', () => {
    const groups = {
      agents: { agents: ['a', 'b', 'c', 'd', 'e'], observation: box([1]), action: discrete(6) },
    } as const;
    expect(() => jointly(groups, (joint) => dqn(joint, { runtime: onnx }))).toThrow(
      "jointly: expected at most 4096 joint actions, got 7776 (5 agents with 6 choices each) in group 'agents'; decompose the value (vdn, qmix), or raise the limit",
    );
    expect(() => jointly(groups, (joint) => dqn(joint, { runtime: onnx }), { limit: 7776 })).not.toThrow();
  });
});

describe('what the controller meets', () => {
  const group = { agents: ['a', 'b'], observation: box([2]), action: discrete(2) } as const;
  const bytes = (xs: number[], ...shape: number[]) => ndarray(Uint8Array.from(xs), shape);
  const floats = (xs: number[], ...shape: number[]) => ndarray(Float32Array.from(xs), shape);
  const view = (teamReward: 'mean' | 'sum' = 'mean') =>
    jointView('test', 'agents', group, { limit: 10, teamReward, stateSpace: undefined });
  const seen = { observation: floats([1, 2, 3, 4], 1, 2, 2), active: bytes([1, 1], 1, 2) };
  const row = {
    ...seen,
    action: ndarray(Int32Array.of(1, 1), [1, 2]),
    reward: floats([3, 5], 1, 2),
    discount: floats([0, 1], 1, 2),
    extras: {},
    next: { ...seen, active: bytes([0, 1], 1, 2) },
  };

  it('is what all see, the joint choice, the team’s reward, and a future while anybody has one', () => {
    const { observation, action, reward, discount } = view().read(row);
    expect([...observation.shape, ...observation.data]).toEqual([1, 1, 4, 1, 2, 3, 4]);
    expect(action.data).toEqual(Int32Array.of(3));
    expect(reward.data).toEqual(Float32Array.of(4));
    expect(discount.data).toEqual(Float32Array.of(1));
    expect(view('sum').read(row).reward.data).toEqual(Float32Array.of(8));
  });

  it('counts nothing for those that are not active, whose choice is 0', () => {
    const { action, reward, discount, active } = view().read({ ...row, active: bytes([1, 0], 1, 2) });
    expect([action.data[0], reward.data[0], discount.data[0], active.data[0]]).toEqual([2, 3, 0, 1]);
  });

  it('may choose what everybody may', () => {
    // Joint choices 00, 01, 10, 11. The first may not choose 0.
    const legal = bytes([0, 1, 1, 1], 1, 2, 2);
    expect(Array.from(view().see({ ...seen, legal }).legal!.data)).toEqual([0, 0, 1, 1]);
    // The second is not active: its choice is 0. An active agent for whom nothing is permitted may do anything.
    expect(Array.from(view().see({ ...seen, active: bytes([1, 0], 1, 2) }).legal!.data)).toEqual([1, 0, 1, 0]);
    expect(Array.from(view().see({ ...seen, legal: bytes([0, 0, 1, 0], 1, 2, 2) }).legal!.data)).toEqual([1, 0, 1, 0]);
    expect(view().see(seen).legal).toBeUndefined();
  });

  it('explores with joint choices that are permitted', async () => {
    const groups = { agents: group };
    const learner = jointly(groups, (joint) => tabularQ(joint, exploring));
    const { agents } = learner.policies(learner.init(rng(0)), 'explore');
    const stream = rng(2);
    for (let k = 0; k < 50; k++) {
      const { action } = await agents.act({ ...seen, legal: bytes([0, 1, 1, 0], 1, 2, 2) }, stream, clock);
      expect(Array.from(action.data)).toEqual([1, 0]);
    }
  });
});

describe('models of the others', () => {
  it('weigh values with what was seen', () => {
    // Two players, 2 and 3 choices. Counts of the second: 1, 3, 0. Values of the first's joint actions 1 … 6:
    // choice 0: ¼·1 + ¾·2 = 1.75, choice 1: ¼·4 + ¾·5 = 4.75. Of the second, with counts 2, 2 of the first: means.
    const players = playersOf([2, 3]);
    const out = new Float64Array(3);
    const [q, counts] = [Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(2, 2, 1, 3, 0)];
    expectedValues(players, 0, q, 0, counts, 0, out);
    expect(Array.from(out.subarray(0, 2))).toEqual([1.75, 4.75]);
    expectedValues(players, 1, q, 0, counts, 0, out);
    expect(Array.from(out)).toEqual([2.5, 3.5, 4.5]);
  });

  it('defect in the dilemma, each by its own reward', async () => {
    const env = tabularWorld(prisonersDilemma(), { numEnvs: 4 });
    const learner = opponentModels(env.groups, { learningRate: 1, discount: 0, ...exploring });
    const { result, state } = await train(env, learner, 400);
    expect(result).toBe(-2);
    // The only state is the first; values are the payoffs of the matrix, row by row, for each player.
    expect(Array.from(state.values.slice(0, 4))).toEqual([-1, -3, 0, -2]);
  });

  it('find the best response to an opponent that they watch', async () => {
    // Against four rocks to one pair of scissors paper wins 0.6; against as many of both, rock would win 0.5.
    const payoff = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]; // prettier-ignore
    const game = markovGame({
      name: 'rock-paper-scissors-once',
      players: ['me', 'you'],
      states: 2,
      choices: [3, 3],
      start: 0,
      terminal: (s) => s === 1,
      outcomes: (_s, [a, b]) => [{ next: 1, reward: [payoff[a!]![b!]!, -payoff[a!]![b!]!] }],
    });
    const env = tabularWorld(game, { numEnvs: 2 });
    const learner = opponentModels(env.groups, { learningRate: 1, ...exploring });
    const buffer = replay(env.groups, { capacity: 500 });
    const you = scripted(env.groups.you, (_seen, _agent, stream) => (stream.uniform() < 0.8 ? 0 : 2));
    const run = { env, learner, buffer, rng: rng(0), steps: 400, batchSize: 16, policies: { you } };
    let state = learner.init(rng(0));
    for await (const progress of offPolicy({ ...run, state })) state = progress.state;
    const { me } = env.reset(rng(1));
    const { action } = await learner.policies(state, 'exploit').me.act(me, rng(0), clock);
    expect(action.get(0, 0)).toBe(1);
  });

  it('refuse states that were consumed and tables that are too large, by name', () => {
    const { groups } = tabularWorld(prisonersDilemma());
    expect(() => opponentModels(groups, { limit: 4 })).toThrow('opponentModels: expected at most 4 entries of a table, got 2 states times 4 joint actions'); // prettier-ignore
    const learner = opponentModels(groups);
    const state = { ...learner.init(rng(0)), updates: NaN };
    expect(() => learner.update(state, { groups: {} } as never, rng(0), clock)).toThrow('opponentModels: expected a state that no update has consumed'); // prettier-ignore
  });
});
