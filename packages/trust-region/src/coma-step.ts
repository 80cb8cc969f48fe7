import * as tf from '@tensorflow/tfjs-core';
import { weightedMean } from '@troupe/losses';
import {
  descend,
  encode,
  stackRole,
  unstackRole,
  type AgentNetwork,
  type Descent,
  type Distribution,
  type NetworkCopies,
  type Part,
  type Role,
  type TargetedPart,
  type TargetedRole,
} from '@troupe/networks';
import type { Carry, Step } from '@troupe/runtime';
import type { Space } from '@troupe/core';
import type { ComaConfig } from './coma-settings.js';
import { column, merged } from './rows.js';

/** One group: N agents with A choices each. */
export interface ComaTeam {
  readonly name: string;
  readonly slots: number;
  readonly choices: number;
  readonly observation: Space;
  readonly action: Space;
  readonly policy: Distribution;
  readonly actor: AgentNetwork;
  /** Sees everything but the agent's own action; one value per choice of it. One for all agents of the group. */
  readonly critic: NetworkCopies;
}

/** Everything that an update changes. */
export type ComaCarry = {
  /** By group: weights [C, P] and moments of its actors; C is the number of agents, or 1 where they share. */
  readonly actor: Readonly<Record<string, Role>>;
  /** By group: weights, target and moments [1, P] of the one critic of all its agents. */
  readonly critic: Readonly<Record<string, TargetedRole>>;
};

/** What COMA knows: plain data at rest. `structuredClone` copies it. */
export interface ComaState {
  /** Weights and moments of all groups. */
  readonly carry: Carry<ComaCarry>;
  /** How many rollouts were learnt from. */
  readonly updates: number;
}

/** One group's rows, B of N agents. */
export type ComaRows = {
  /** [B, N, …observation] */
  readonly observation: tf.Tensor;
  /** [B, N, 1] */
  readonly action: tf.Tensor;
  /** [B, N, A] */
  readonly legal?: tf.Tensor;
};
/** What everybody saw and did. */
export type ComaMoment = {
  readonly groups: Readonly<Record<string, ComaRows>>;
  /** [B, …state], where critics see it in place of all observations. */
  readonly state?: tf.Tensor;
};

type Joined = { readonly seen: tf.Tensor2D; readonly actions: readonly tf.Tensor2D[] };

/** The state, or all observations side by side. */
const seenOf = (teams: readonly ComaTeam[], { groups, state }: ComaMoment): tf.Tensor2D => {
  if (state) return tf.reshape(state, [state.shape[0], state.size / state.shape[0]]);
  const seen = teams.map(({ name, observation, slots }) => {
    const x = groups[name]!.observation;
    const each = encode(observation, tf.reshape(x, [x.shape[0] * slots, x.size / (x.shape[0] * slots)]));
    return tf.reshape<tf.Rank.R2>(each, [x.shape[0], each.size / x.shape[0]]);
  });
  return seen.length === 1 ? seen[0]! : tf.concat2d(seen, 1);
};

/** What critics are told: what is seen, and every agent's action as a one-hot row, in group and slot order. */
const joined = (teams: readonly ComaTeam[], moment: ComaMoment): Joined => {
  const actions = teams.flatMap(({ name, action, slots }) => {
    const x = moment.groups[name]!.action;
    const columns = tf.split<tf.Tensor2D>(tf.reshape(x, [x.shape[0], slots]), slots, 1);
    return columns.map((column) => encode(action, column));
  });
  return { seen: seenOf(teams, moment), actions };
};

/** Q(s, (·, a⁻ⁱ)) of every agent of a team. [B, N, A]. Foerster et al. 2018, section 4. */
const counterfactuals = (
  teams: readonly ComaTeam[],
  team: ComaTeam,
  theta: tf.Tensor1D,
  { seen, actions }: Joined,
): tf.Tensor3D => {
  const before = teams.slice(0, teams.indexOf(team)).reduce((n, { slots }) => n + slots, 0);
  const [rows] = seen.shape;
  const ids = tf.oneHot(tf.range(0, Math.max(2, team.slots), 1, 'int32'), Math.max(2, team.slots), 1, 0, 'float32');
  const inputs = Array.from({ length: team.slots }, (_, slot) => {
    const others = actions.map((action, i) => (i === before + slot ? tf.zerosLike(action) : action));
    const id = tf.tile(tf.slice(ids, [slot, 0], [1, team.slots]), [rows, 1]) as tf.Tensor2D;
    return tf.concat2d([seen, ...others, ...(team.slots > 1 ? [id] : [])], 1);
  });
  const together = tf.stack(inputs, 1);
  const values = team.critic.network.apply(theta, merged(together));
  return tf.reshape(values, [rows, team.slots, team.choices]);
};

/** Width of what a team's critic is given. */
export const criticInputs = (team: Pick<ComaTeam, 'slots'>, seen: number, actions: number): number =>
  seen + actions + (team.slots > 1 ? team.slots : 0);

/** Values of the actions taken. [B, N, A], [B, N, 1] → [B, N] */
const taken = (values: tf.Tensor3D, action: tf.Tensor, space: Space): tf.Tensor2D =>
  tf.sum<tf.Tensor2D>(tf.mul(values, tf.reshape(encode(space, merged(action)), values.shape)), 2);

/** What `comaValues` is given. */
export type ValueInput = {
  readonly carry: ComaCarry;
  readonly now: ComaMoment;
  readonly next: ComaMoment;
  /** By group [B·N, A]: uniform, for the actions that follow where the rollout does not tell. */
  readonly noise: Readonly<Record<string, tf.Tensor>>;
};

/** By group [B, N]: what the target critic says of the actions taken, and of some drawn from the policy at what was seen next. */
export type ValueOutput = Readonly<Record<'taken' | 'next', Readonly<Record<string, tf.Tensor>>>>;

/** What the target critics say of a rollout: `ValueOutput`. Nothing is learnt. */
export const comaValues =
  (teams: readonly ComaTeam[]): Step<Record<string, never>, ValueInput, ValueOutput> =>
  (nothing, { carry, now, next, noise }) => {
    const actors = Object.fromEntries(teams.map(({ name }) => [name, unstackRole(carry.actor[name]!)]));
    const drawn = Object.fromEntries(
      teams.map(({ name, actor, policy, slots }) => {
        const rows = next.groups[name]!;
        const thetas = actors[name]!.map(({ theta }) => theta);
        const output = merged(actor.apply(thetas, actor.encode(rows.observation)));
        const uniform = noise[name] as tf.Tensor2D;
        const { action } = policy.sample(output, { uniform }, rows.legal && merged(rows.legal));
        return [name, { ...rows, action: tf.reshape(action, [action.shape[0] / slots, slots, 1]) }];
      }),
    );
    const values = (moment: ComaMoment) => {
      const all = joined(teams, moment);
      return Object.fromEntries(
        teams.map((team) => {
          const [{ target }] = unstackRole(carry.critic[team.name]!) as [TargetedPart];
          return [
            team.name,
            taken(counterfactuals(teams, team, target, all), moment.groups[team.name]!.action, team.action),
          ];
        }),
      );
    };
    return { carry: nothing, output: { taken: values(now), next: values({ ...next, groups: drawn }) } };
  };

/** Names of what an update of COMA measures, in the order of its output. */
export const COMA_METRICS = [
  'criticLoss',
  'criticGradNorm',
  'policyLoss',
  'policyGradNorm',
  'entropy',
  'value',
] as const;

/** What one update of COMA is given. */
export type UpdateInput = {
  readonly now: ComaMoment;
  /** By group [B, N]: what the critic learns. */
  readonly returns: Readonly<Record<string, tf.Tensor>>;
  /** By group [B, N] */
  readonly active: Readonly<Record<string, tf.Tensor>>;
  readonly updates: tf.Tensor;
  readonly rate: tf.Tensor;
  /** 1 where targets are copied after this update, else 0. */
  readonly move: tf.Tensor;
};

/**
 * The critics learn the returns; then every actor takes one step along ∇ log π(a) · A with the counterfactual advantage
 * A = Q(s, a) − Σ_b π(b) Q(s, (b, a⁻ⁱ)). Foerster et al. 2018 (arXiv 1705.08926), eq. 4. Metrics [groups, …].
 */
export const comaStep =
  (
    teams: readonly ComaTeam[],
    config: ComaConfig,
    descents: Readonly<Record<'actor' | 'critic', Pick<Descent, 'optimiser' | 'maxGradNorm'>>>,
  ): Step<ComaCarry, UpdateInput, { readonly metrics: tf.Tensor }> =>
  (carry, { now, returns, active, updates, rate, move }) => {
    const all = joined(teams, now);
    const scale = rate as tf.Scalar;
    const next: { actor: Record<string, Role>; critic: Record<string, TargetedRole> } = { actor: {}, critic: {} };
    const metrics = teams.map((team) => {
      const { name, actor, policy, action: space, slots } = team;
      const { action, observation, legal } = now.groups[name]!;
      const weight = column(active[name]!);
      const [critic] = unstackRole(carry.critic[name]!) as [TargetedPart];
      const goal = column(returns[name]!);
      let [criticLoss, criticNorm]: readonly tf.Scalar[] = [];
      for (let epoch = 0; epoch < config.criticEpochs; epoch++) {
        const count = tf.add<tf.Scalar>(tf.mul(tf.sub(updates, 1), config.criticEpochs), epoch + 1);
        [criticLoss, criticNorm] = descend(
          critic,
          { ...descents.critic, at: { updates: count, rate: scale } },
          (theta) => {
            const q = column(taken(counterfactuals(teams, team, theta, all), action, space));
            return weightedMean(tf.square(tf.sub(q, goal)), weight);
          },
        );
      }
      const values = counterfactuals(teams, team, critic.theta, all);
      const q = column(taken(values, action, space));
      const mask = legal && merged(legal);
      const parts: Part[] = unstackRole(carry.actor[name]!);
      const inputs = actor.encode(observation);
      const outputOf = (thetas: readonly tf.Tensor1D[]) => merged(actor.apply(thetas, inputs));
      const before = outputOf(parts.map(({ theta }) => theta));
      const p = tf.exp(policy.logProbabilities(before, mask));
      const baseline = tf.sum<tf.Tensor1D>(tf.mul(p, merged(values)), 1);
      let advantage = tf.sub<tf.Tensor1D>(q, baseline);
      if (config.normaliseAdvantages) {
        const mean = weightedMean(advantage, weight);
        const variance = weightedMean(tf.square(tf.sub(advantage, mean)), weight);
        advantage = tf.div(tf.sub(advantage, mean), tf.add(tf.sqrt(variance), 1e-5));
      }
      const at = { updates: updates as tf.Scalar, rate: scale };
      // Copies of an actor have rows of their own: the gradient of the mean over all of them, copy by copy.
      const thetas = parts.map(({ theta }) => theta);
      const steps = parts.map((part, copy) =>
        descend(part, { ...descents.actor, at }, (theta) => {
          const output = outputOf(thetas.with(copy, theta));
          const own = parts.length === 1 ? weight : tf.mul<tf.Tensor1D>(weight, slotMask(weight.size, slots, copy));
          const gain = tf.mul<tf.Tensor1D>(policy.logProb(output, merged(action), mask), advantage);
          const bonus = tf.mul<tf.Tensor1D>(policy.entropy(output, mask), config.entropy);
          return tf.neg(weightedMean(tf.add<tf.Tensor1D>(gain, bonus), own));
        }),
      );
      const target: tf.Tensor1D = tf.add(tf.mul(critic.target, tf.sub(1, move)), tf.mul(critic.theta, move));
      next.actor[name] = stackRole(parts);
      next.critic[name] = stackRole<TargetedPart>([{ ...critic, target }]);
      const over = (i: 0 | 1) => tf.mean(tf.stack(steps.map((step) => step[i])));
      const entropy = weightedMean(policy.entropy(before, mask), weight);
      return tf.stack([criticLoss!, criticNorm!, over(0), over(1), entropy, weightedMean(q, weight)]);
    });
    return { carry: next, output: { metrics: tf.stack(metrics) } };
  };

/** 1 in the rows of one slot, of rows that go through the slots one after another. */
const slotMask = (size: number, slots: number, slot: number): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: size }, (_, i) => (i % slots === slot ? 1 : 0)));
