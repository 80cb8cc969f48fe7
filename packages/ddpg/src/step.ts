import * as tf from '@tensorflow/tfjs-core';
import { deterministicPolicyLoss, outputPenalty, squaredError, tdTarget, weightedMean } from '@troupe/losses';
import { descend, encode, gumbel, polyak, type Descent, type Moment, type TargetedPart } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { chosen, squash, type Choosing } from './actions.js';
import { agentsOf, type Team } from './agents.js';
import { agentParts, columnOf, roleOf, rowOf } from './parts.js';
import { scaledRewards, type RewardMoments } from './reward-scaling.js';
import type { MaddpgConfig } from './settings.js';
import { optimisersOf } from './state.js';
import { METRICS, type MaddpgCarry, type MaddpgInput, type MaddpgOutput } from './types.js';

/** The update of MADDPG as one pure step: for each agent its critic, then its actor through the new critic; then targets. */
export const maddpgStep = (
  teams: readonly Team[],
  config: MaddpgConfig,
): Step<MaddpgCarry, MaddpgInput, MaddpgOutput> => {
  const agents = agentsOf(teams);
  const optimisers = optimisersOf(config);

  const moved = (parts: TargetedPart, move: tf.Tensor): tf.Tensor1D =>
    config.targetEvery === 1
      ? polyak(parts.target, parts.theta, config.tau)
      : tf.add(parts.target, tf.mul(tf.mul(move, config.tau), tf.sub(parts.theta, parts.target)));

  return (carry, input) => {
    const actors = agentParts(carry.actor, teams);
    const critics = agentParts(carry.critic, teams);
    const column = (name: string) => columnOf(teams, input.groups, name);
    const noise = (name: string) => columnOf(teams, input.groups, name, gumbel);
    const at: Moment = {
      updates: input.updates as tf.Scalar,
      ...(config.learningRateEnd !== 1 && { rate: input.rate as tf.Scalar }),
    };
    const descent = (role: keyof typeof optimisers, team: Team): Descent => ({
      optimiser: optimisers[role],
      at,
      maxGradNorm: config.maxGradNorm,
      ...(config.clipScope === 'tensor' && { clipEach: team[role].network.entries.map(({ size }) => size) }),
    });
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
      (carry['rewards'] ?? {}) as RewardMoments,
      column('reward').map(rowOf),
      weights,
    );

    /** What agent i's critic is given. */
    const seenBy = (i: number, seen: readonly tf.Tensor2D[], done: readonly tf.Tensor2D[]): tf.Tensor2D =>
      agents[i]!.team.scope === 'joint' ? tf.concat2d([...seen, ...done], 1) : tf.concat2d([seen[i]!, done[i]!], 1);
    const value = (i: number, theta: tf.Tensor1D, row: tf.Tensor2D): tf.Tensor1D =>
      tf.reshape(agents[i]!.team.critic.network.apply(theta, row), [row.shape[0]]);
    const act = (
      i: number,
      theta: tf.Tensor1D,
      seen: tf.Tensor2D,
      how: Choosing,
      mask: tf.Tensor2D | undefined,
      noise: tf.Tensor2D | undefined,
    ): readonly [action: tf.Tensor2D, squashed: tf.Tensor2D] => {
      const { team } = agents[i]!;
      const squashed = squash(team, team.actor.network.apply(theta, seen) as tf.Tensor2D);
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
      const [criticLoss, criticNorm] = descend(critic, descent('critic', team), (theta) =>
        weightedMean(squaredError({ prediction: value(i, theta, taken), target }), weights[i]),
      );
      const joint = agents.map(({ index: j }) => (j === i || team.scope === 'own' ? actions[j]! : others(j)));
      const [policyLoss, policyNorm] = descend(actor, descent('actor', team), (theta) => {
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
        actor: roleOf(actors, agents, teams),
        critic: roleOf(critics, agents, teams),
        ...(config.rewardScaling !== 'none' && { rewards: moments }),
      },
      output: { metrics: tf.stack(metrics.map((row) => tf.stack(row))) },
    };
  };
};
