import * as tf from '@tensorflow/tfjs-core';
import type { Step } from '@troupe/runtime';
import { encode } from '@troupe/networks';
import {
  adam,
  clipByGlobalNorm,
  clipPerTensor,
  gumbel,
  norm,
  polyak,
  sgd,
  type FlatNetwork,
  type Moment,
  type Optimiser,
} from '@troupe/networks';
import { deterministicPolicyLoss, outputPenalty, squaredError, tdTarget, weightedMean } from '@troupe/losses';
import { chosen, squash, type Choosing } from './actions.js';
import { agentsOf, type Agent, type Team } from './agents.js';
import { scaledRewards, type RewardMoments } from './reward-scaling.js';
import type { MaddpgConfig } from './settings.js';

type Named<T> = Readonly<Record<string, T>>;
type Moments = Readonly<Record<string, tf.Tensor>>;

/** Weights and moments of one role by group: [N, P], agents of a group one under the other. */
export interface MaddpgRole {
  readonly [group: string]: {
    readonly [part: string]: tf.Tensor | Readonly<Record<string, tf.Tensor>>;
    readonly theta: tf.Tensor;
    readonly target: tf.Tensor;
  };
}
/** Of a role's group: absent for optimisers without any. */
const momentsOf = (role: MaddpgRole, group: string): Moments => (role[group]!['moments'] ?? {}) as Moments;

/** Everything that an update changes. */
export interface MaddpgCarry {
  readonly [role: string]: MaddpgRole | RewardMoments;
  readonly actor: MaddpgRole;
  readonly critic: MaddpgRole;
}
const rewardsOf = (carry: MaddpgCarry): RewardMoments => (carry['rewards'] ?? {}) as RewardMoments;

/** One group's rows: [B, N, …]. Masks and noise are there only where they are wanted. */
export interface GroupInput {
  readonly [column: string]: tf.Tensor;
  readonly observation: tf.Tensor;
  readonly active: tf.Tensor;
  readonly action: tf.Tensor;
  readonly reward: tf.Tensor;
  readonly discount: tf.Tensor;
  readonly nextObservation: tf.Tensor;
}
/** Scalars: the number of this update, 1 or 0 for moving the targets or not, and what multiplies the learning rates. */
export interface MaddpgInput {
  readonly [key: string]: Named<GroupInput> | tf.Tensor;
  readonly groups: Named<GroupInput>;
  readonly updates: tf.Tensor;
  readonly move: tf.Tensor;
  readonly rate: tf.Tensor;
}

/** [5, agents]: rows as `METRICS` names them, agents in group and slot order. */
export interface MaddpgOutput {
  readonly [key: string]: tf.Tensor;
  readonly metrics: tf.Tensor;
}
export const METRICS = ['criticLoss', 'policyLoss', 'criticGradNorm', 'policyGradNorm', 'targetQ'] as const;

/** One agent's part of one role while the step goes on. */
interface Parts {
  theta: tf.Tensor1D;
  target: tf.Tensor1D;
  moments: Moments;
}

const unstack = (role: MaddpgRole, teams: readonly Team[]): Parts[] =>
  teams.flatMap(({ name, size }) => {
    const { theta, target } = role[name]!;
    const moments = momentsOf(role, name);
    const [thetas, targets] = [tf.unstack(theta), tf.unstack(target)];
    const each = Object.entries(moments).map(([key, value]) => [key, tf.unstack(value)] as const);
    return Array.from({ length: size }, (_, slot) => ({
      theta: thetas[slot] as tf.Tensor1D,
      target: targets[slot] as tf.Tensor1D,
      moments: Object.fromEntries(each.map(([key, values]) => [key, values[slot]!])),
    }));
  });

const stack = (parts: readonly Parts[], agents: readonly Agent[], teams: readonly Team[]): MaddpgRole =>
  Object.fromEntries(
    teams.map((team) => {
      const own = agents.filter((agent) => agent.team === team).map(({ index }) => parts[index]!);
      const over = (of: (part: Parts) => tf.Tensor) => tf.stack(own.map(of));
      const keys = Object.keys(own[0]!.moments);
      const moments = Object.fromEntries(keys.map((key) => [key, over((part) => part.moments[key]!)]));
      return [
        team.name,
        {
          theta: over((part) => part.theta),
          target: over((part) => part.target),
          ...(keys.length > 0 && { moments }),
        },
      ];
    }),
  );

/** [B, N, …] as one [B, size] per slot. */
const perSlot = (x: tf.Tensor): tf.Tensor2D[] => {
  const [rows, slots] = x.shape as [number, number];
  const flattened = tf.reshape(x, [rows, slots, x.size / (rows * slots)]);
  return tf.unstack(flattened, 1) as tf.Tensor2D[];
};
const columnsOf = (
  teams: readonly Team[],
  input: Named<GroupInput>,
  name: string,
  transform: (x: tf.Tensor) => tf.Tensor = (x) => x,
): (tf.Tensor2D | undefined)[] =>
  teams.flatMap((team): (tf.Tensor2D | undefined)[] => {
    const column = input[team.name]![name];
    return column === undefined ? Array.from({ length: team.size }, () => undefined) : perSlot(transform(column));
  });
const rowOf = (x: tf.Tensor2D | undefined): tf.Tensor1D => tf.reshape(x!, [x!.shape[0]]);

/** The update of MADDPG as one pure step: for each agent its critic, then its actor through the new critic; then targets. */
export const maddpgStep = (
  teams: readonly Team[],
  config: MaddpgConfig,
): Step<MaddpgCarry, MaddpgInput, MaddpgOutput> => {
  const agents = agentsOf(teams);
  const optimiser = (learningRate: number): Optimiser<Moments> =>
    config.optimiser === 'adam' ? adam({ learningRate, epsilon: config.adamEpsilon }) : sgd({ learningRate });
  const optimisers = {
    actor: optimiser(config.learningRateActor),
    critic: optimiser(config.learningRateCritic),
  };

  /** One step of one network; returns the loss and the gradient's norm before clipping. */
  const descend = (
    parts: Parts,
    role: keyof typeof optimisers,
    network: FlatNetwork<tf.Tensor, tf.Tensor>,
    at: Moment,
    loss: (theta: tf.Tensor1D) => tf.Scalar,
  ): readonly [loss: tf.Scalar, gradNorm: tf.Scalar] => {
    const { value, grad } = tf.valueAndGrad((theta: tf.Tensor) => loss(theta as tf.Tensor1D))(parts.theta);
    const raw = grad as tf.Tensor1D;
    const length = norm(raw);
    let gradient = raw;
    if (config.maxGradNorm !== null) {
      gradient =
        config.clipScope === 'network'
          ? clipByGlobalNorm(raw, length, config.maxGradNorm)
          : clipPerTensor(
              raw,
              network.entries.map((entry) => entry.size),
              config.maxGradNorm,
            );
    }
    const next = optimisers[role].update(parts.theta, gradient, parts.moments, at);
    parts.theta = next.theta;
    parts.moments = next.moments;
    return [value, length];
  };

  const moved = (parts: Parts, move: tf.Tensor): tf.Tensor1D =>
    config.targetEvery === 1
      ? polyak(parts.target, parts.theta, config.tau)
      : tf.add(parts.target, tf.mul(tf.mul(move, config.tau), tf.sub(parts.theta, parts.target)));

  return (carry, input) => {
    const actors = unstack(carry.actor, teams);
    const critics = unstack(carry.critic, teams);
    const column = (name: string) => columnsOf(teams, input.groups, name);
    const noise = (name: string) => columnsOf(teams, input.groups, name, gumbel);
    const at: Moment = {
      updates: input.updates as tf.Scalar,
      ...(config.learningRateEnd !== 1 && { rate: input.rate as tf.Scalar }),
    };
    const encoded = (name: string, space: (team: Team) => Team['observation']) =>
      column(name).map((x, i) => encode(space(agents[i]!.team), x!));
    const observations = encoded('observation', (team) => team.observation);
    const nextObservations = encoded('nextObservation', (team) => team.observation);
    const actions = encoded('action', (team) => team.action);
    const [legal, nextLegal] = [column('legal'), column('nextLegal')];
    const [ownNoise, nextNoise, othersNoise] = [noise('ownNoise'), noise('nextNoise'), noise('othersNoise')];
    const discounts = column('discount').map(rowOf);
    const weights = column('active').map((x) => tf.cast<tf.Tensor1D>(rowOf(x), 'float32'));
    const { rewards, moments } = scaledRewards(
      config.rewardScaling,
      rewardsOf(carry),
      column('reward').map(rowOf),
      weights,
    );

    /** What agent i's critic is given. */
    const seenBy = (i: number, seen: readonly tf.Tensor2D[], done: readonly tf.Tensor2D[]): tf.Tensor2D =>
      agents[i]!.team.scope === 'joint' ? tf.concat2d([...seen, ...done], 1) : tf.concat2d([seen[i]!, done[i]!], 1);
    const value = (i: number, theta: tf.Tensor1D, row: tf.Tensor2D): tf.Tensor1D =>
      tf.reshape(agents[i]!.team.critic.apply(theta, row), [row.shape[0]]);
    const act = (
      i: number,
      theta: tf.Tensor1D,
      seen: tf.Tensor2D,
      how: Choosing,
      mask: tf.Tensor2D | undefined,
      noise: tf.Tensor2D | undefined,
    ): readonly [action: tf.Tensor2D, squashed: tf.Tensor2D] => {
      const { team } = agents[i]!;
      const squashed = squash(team, team.actor.apply(theta, seen) as tf.Tensor2D);
      return [chosen({ team, squashed, legal: mask, noise, how, temperature: config.temperature }), squashed];
    };
    const nextActions = (): tf.Tensor2D[] =>
      agents.map(
        ({ index: i }) =>
          act(i, actors[i]!.target, nextObservations[i]!, config.targetAction, nextLegal[i], nextNoise[i])[0],
      );

    const others = (i: number): tf.Tensor2D =>
      config.othersActions === 'replay'
        ? actions[i]!
        : act(
            i,
            actors[i]!.theta,
            observations[i]!,
            config.othersActions === 'sample' ? 'sample' : 'mode',
            legal[i],
            othersNoise[i],
          )[0];

    let next = nextActions();
    const metrics: tf.Scalar[][] = METRICS.map(() => []);
    for (const { index: i, team } of agents) {
      const [actor, critic] = [actors[i]!, critics[i]!];
      if (config.targetMoves === 'afterEach' && i > 0) next = nextActions();
      const target = tdTarget({
        reward: rewards[i]!,
        discount: discounts[i]!,
        nextValue: value(i, critic.target, seenBy(i, nextObservations, next)),
        gamma: config.discount,
      });
      const taken = seenBy(i, observations, actions);
      const [criticLoss, criticNorm] = descend(critic, 'critic', team.critic, at, (theta) =>
        weightedMean(squaredError({ prediction: value(i, theta, taken), target }), weights[i]),
      );
      const joint = agents.map(({ index: j }) => (j === i || team.scope === 'own' ? actions[j]! : others(j)));
      const [policyLoss, policyNorm] = descend(actor, 'actor', team.actor, at, (theta) => {
        const [own, squashed] = act(i, theta, observations[i]!, config.relaxation, legal[i], ownNoise[i]);
        const q = value(i, critic.theta, seenBy(i, observations, joint.with(i, own)));
        const loss = weightedMean(deterministicPolicyLoss({ q }), weights[i]);
        if (config.outputPenalty === 0) return loss;
        const penalty = weightedMean(outputPenalty({ output: squashed }), weights[i]);
        return tf.add(loss, tf.mul(penalty, config.outputPenalty));
      });
      if (config.targetMoves === 'afterEach') {
        actor.target = moved(actor, input.move);
        critic.target = moved(critic, input.move);
      }
      [criticLoss, policyLoss, criticNorm, policyNorm, weightedMean(target, weights[i])].forEach((x, k) =>
        metrics[k]!.push(x),
      );
    }
    if (config.targetMoves === 'afterAll') {
      for (const parts of [...actors, ...critics]) parts.target = moved(parts, input.move);
    }
    return {
      carry: {
        actor: stack(actors, agents, teams),
        critic: stack(critics, agents, teams),
        ...(config.rewardScaling !== 'none' && { rewards: moments }),
      },
      output: { metrics: tf.stack(metrics.map((row) => tf.stack(row))) },
    };
  };
};
