import * as tf from '@tensorflow/tfjs-core';
import { actingPolicy, defineLearner, mapGroups, policiesOf, slotsOf, type F32, type Groups } from '@troupe/core';
import { weightedMean } from '@troupe/losses';
import {
  adam,
  agentActing,
  agentNetwork,
  descend,
  distribution,
  initialRole,
  mlp,
  stackRole,
  unstackRole,
  type Role,
} from '@troupe/networks';
import { carryOf, leavesOf, type Carry, type Runtime, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';

type Rows = {
  observation: tf.Tensor;
  action: tf.Tensor;
  legal?: tf.Tensor;
  advantage: tf.Tensor;
  active: tf.Tensor;
  updates: tf.Scalar;
};
/** By group: weights and moments of Adam. */
export interface ReinforceState {
  readonly carries: Readonly<Record<string, Carry<Role>>>;
  readonly updates: number;
}

/** −log π(a|s) A per row. Williams 1992. Shapes: R rows. */
const policyGradientLoss = (x: { readonly logProb: tf.Tensor1D; readonly advantage: tf.Tensor1D }): tf.Tensor1D =>
  tf.neg(tf.mul(x.logProb, x.advantage));

/** Discounted returns less their mean, [T · E, N]; row t · E + e is step t of environment e. */
const advantagesOf = (reward: F32, discount: F32, last: Uint8Array, numEnvs: number, gamma: number): F32 => {
  const [rows, agents] = reward.shape as [number, number];
  const returns = new Float32Array(rows * agents);
  for (let row = rows - 1; row >= 0; row--) {
    const goesOn = last[row] === 0 && row + numEnvs < rows;
    for (let i = 0; i < agents; i++) {
      const later = goesOn ? returns[(row + numEnvs) * agents + i]! : 0;
      returns[row * agents + i] = reward.get(row, i) + gamma * discount.get(row, i) * later;
    }
  }
  const mean = returns.reduce((sum, x) => sum + x, 0) / returns.length;
  return ndarray(
    returns.map((x) => x - mean),
    [rows, agents],
  );
};

/** REINFORCE with a baseline: the agents of a group share a policy, whatever they see and do. */
export const reinforce = <const G extends Groups>(
  groups: G,
  { runtime, gamma = 0.9, learningRate = 0.01 }: { readonly runtime: Runtime; gamma?: number; learningRate?: number },
) => {
  const optimiser = adam({ learningRate });
  const teams = mapGroups(groups, (group, name) => {
    const pi = distribution(group.action);
    const agents = agentNetwork({
      group: name,
      slots: slotsOf(group.agents),
      observation: group.observation,
      outputs: pi.width,
      sharing: 'shared',
      make: ({ inputs, outputs }) => mlp({ inputs, hidden: [32], outputs, activation: 'tanh' }),
    });
    const step: Step<Role, Rows, { loss: tf.Tensor }> = (carry, given) => {
      const [part] = unstackRole(carry); // one copy of the network: the agents share it
      const inputs = agents.encode(given.observation);
      const rows = given.advantage.size;
      const flat = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [rows, x.size / rows]);
      const [loss] = descend(part!, { optimiser, at: given, maxGradNorm: 1 }, (theta) => {
        const output = flat(agents.apply([theta], inputs));
        const logProb = pi.logProb(output, flat(given.action), given.legal && flat(given.legal));
        const each = policyGradientLoss({ logProb, advantage: tf.reshape(given.advantage, [rows]) });
        return weightedMean(each, tf.reshape(given.active, [rows]));
      });
      return { carry: stackRole([part!]), output: { loss } };
    };
    const acting = agentActing<ReinforceState>({
      agents,
      head: pi.head,
      theta: ({ carries }) => leavesOf(carries[name]!).theta as F32,
    });
    return { agents, acting, learn: runtime.compile(step, { name: `reinforce ${name}` }) };
  });

  return defineLearner<G, ReinforceState, 'rollout'>('reinforce', 'rollout', {
    init: (rng) => ({
      carries: mapGroups(groups, (_, name) =>
        carryOf<Role>(initialRole({ thetas: teams[name].agents.init(rng, name), optimiser, target: false })),
      ),
      updates: 0,
    }),
    policies: (state, mode) =>
      policiesOf(groups, (group, name) =>
        actingPolicy({ runtime, name, group, mode, state, acting: teams[name].acting }),
      ),
    async update(state, { batch, numEnvs }) {
      const updates = state.updates + 1;
      const carries: Record<string, Carry<Role>> = {};
      const metrics: Record<string, number> = {};
      for (const name in groups) {
        const { observation, action, legal, reward, discount, active } = batch.groups[name];
        const rows = {
          observation,
          action: action as F32, // of whichever kind: the step sees numbers
          ...(legal && { legal }),
          advantage: advantagesOf(reward, discount, batch.last, numEnvs, gamma),
          active,
          updates: ndarray(Float32Array.of(updates), []),
        };
        const { carry, output } = await teams[name].learn.run(state.carries[name]!, rows);
        carries[name] = carry;
        metrics[`${name}/loss`] = output.loss.data[0]!;
      }
      return [{ carries, updates }, metrics];
    },
  });
};
