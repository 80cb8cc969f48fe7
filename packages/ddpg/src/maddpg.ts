import * as tf from '@tensorflow/tfjs-core';
import {
  actingPolicy,
  noiseSource,
  orThrow,
  type Acting,
  type Batch,
  type Draw,
  type Group,
  type GroupBatch,
  type Groups,
  type Learner,
  type Metrics,
  type NoiseShape,
  type Policies,
} from '@troupe/core';
import { encode } from '@troupe/networks';
import { carryOf, defaultRuntime, isPromise, leavesOf, type AtRest, type Carry, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { bounded, squash } from './actions.js';
import { agentsOf, teamsOf, type MaddpgNetworks, type Team } from './agents.js';
import { explorationOf } from './exploration.js';
import { rewardMoments } from './reward-scaling.js';
import { decodeMaddpg, type MaddpgConfig } from './settings.js';
import { maddpgStep, METRICS, type MaddpgCarry, type MaddpgInput, type MaddpgOutput } from './step.js';

/** What MADDPG knows: plain data at rest. `structuredClone` copies it. */
export interface MaddpgState {
  readonly carry: Carry<MaddpgCarry>;
  readonly updates: number;
}

/** Settings of `maddpg`: those of the table, and what is not a number or a name. */
export interface MaddpgOptions<G extends Groups> extends Partial<Omit<MaddpgConfig, 'critic'>> {
  /** `joint` (MADDPG) or `own` (DDPG) for all groups, or by group. */
  readonly critic?: MaddpgConfig['critic'] | { readonly [K in keyof G]?: MaddpgConfig['critic'] };
  readonly networks?: MaddpgNetworks;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates. Replaced only to replay recorded noise. */
  readonly draw?: Draw;
}

type Role = 'actor' | 'critic';

/**
 * Multi-agent deep deterministic policy gradient. Lowe et al. 2017 (arXiv 1706.02275), algorithm 1; choices by
 * Gumbel-softmax as in section 4 there. Each agent has an actor on its own observation and a critic on everybody's
 * observations and actions; with `critic: 'own'` it is DDPG (Lillicrap et al. 2016) for each agent by itself. Rewards
 * are each agent's own, so cooperation, competition and mixtures are the same. Throws a RangeError for settings out of
 * range or actions without finite bounds.
 */
export const maddpg = <const G extends Groups>(
  groups: G,
  options: MaddpgOptions<G> = {},
): Learner<G, MaddpgState, Batch<G>> => {
  const { networks = {}, runtime = defaultRuntime('maddpg'), draw = noiseSource(), critic, ...settings } = options;
  const scopes = typeof critic === 'object' ? (critic as Readonly<Record<string, MaddpgConfig['critic']>>) : {};
  const config = orThrow('maddpg')(decodeMaddpg({ ...settings, ...(typeof critic === 'string' && { critic }) }));
  const teams = teamsOf(groups, config, scopes, networks);
  const agents = agentsOf(teams);
  const compiled = runtime.compile(maddpgStep(teams, config), { name: 'maddpg update' });
  const count = ndarray(new Float32Array(1), []);
  const move = ndarray(new Float32Array(1), []);
  const rate = ndarray(new Float32Array(1), []);
  const names = agents.map(({ team, slot }) => `${team.name}/${team.ids[slot]!}`);

  /** Noise that choices want, by group; drawn as [B, N, W]. */
  const noiseKinds = [
    ...['ownNoise'],
    ...(config.targetAction === 'mode' ? [] : ['nextNoise']),
    ...(config.othersActions === 'sample' ? ['othersNoise'] : []),
  ];
  const hasChoice = (team: Team): boolean => team.head.some((part) => part.kind === 'choice');

  const inputOf = (batch: Batch<G>, rng: Parameters<Draw>[0]): AtRest<MaddpgInput> => {
    const shapes: Record<string, NoiseShape> = {};
    const rows = batch.last.length;
    for (const team of teams.filter(hasChoice)) {
      for (const kind of noiseKinds) {
        shapes[`${team.name} ${kind}`] = { kind: 'uniform', shape: [rows, team.size, team.width] };
      }
    }
    const noise = draw(rng, shapes);
    const input: Record<string, Record<string, unknown>> = {};
    for (const team of teams) {
      const group: GroupBatch = batch.groups[team.name]!;
      const { observation, active, action, reward, discount, next, legal } = group;
      const columns: Record<string, unknown> = {
        observation,
        active,
        action,
        reward,
        discount,
        nextObservation: next.observation,
      };
      if (legal && hasChoice(team)) columns['legal'] = legal;
      if (next.legal && hasChoice(team)) columns['nextLegal'] = next.legal;
      for (const kind of noiseKinds) {
        const drawn = noise[`${team.name} ${kind}`];
        if (drawn) columns[kind] = drawn;
      }
      input[team.name] = columns;
    }
    return { groups: input, updates: count, move, rate } as unknown as AtRest<MaddpgInput>;
  };

  const report = (output: AtRest<MaddpgOutput>): Metrics => {
    const data = output.metrics.data as Float32Array;
    const metrics: Record<string, number> = {};
    METRICS.forEach((metric, k) => {
      let sum = 0;
      for (let i = 0; i < agents.length; i++) sum += data[k * agents.length + i]!;
      metrics[metric] = sum / agents.length;
      if (config.perAgentMetrics) {
        for (let i = 0; i < agents.length; i++) metrics[`${names[i]!}/${metric}`] = data[k * agents.length + i]!;
      }
    });
    return metrics;
  };

  /** One compiled forward pass for the whole group. */
  const actingSteps = new Map(
    teams.map((team): [string, Acting['step']] => [
      team.name,
      (carry, { theta, observation }) => {
        const rows = observation.shape[0];
        const each = tf.unstack(tf.reshape(observation, [rows, team.size, observation.size / (rows * team.size)]), 1);
        const thetas = tf.split<tf.Tensor1D>(theta, team.size);
        const outputs = each.map((seen, slot) => {
          const raw = team.actor.apply(thetas[slot]!, encode(team.observation, seen as tf.Tensor2D));
          return bounded(team, squash(team, raw as tf.Tensor2D));
        });
        return { carry, output: { output: tf.stack(outputs, 1) } };
      },
    ]),
  );
  const actingOf = (state: MaddpgState, team: Team): Acting => {
    const { theta } = leavesOf(state.carry).actor[team.name] as {
      theta: ndarray.NdArray<Float32Array>;
    };
    const size = team.size * team.actor.size;
    return {
      step: actingSteps.get(team.name)!,
      theta: ndarray(theta.data.subarray(theta.offset, theta.offset + size), [size]),
      head: team.head,
    };
  };

  return {
    init(rng) {
      const role = (kind: Role) =>
        Object.fromEntries(
          teams.map((team) => {
            const { size } = team[kind];
            const theta = new Float32Array(team.size * size);
            for (let slot = 0; slot < team.size; slot++) {
              theta.set(team[kind].init(rng.split(`${team.name} ${kind} ${slot}`)), slot * size);
            }
            const shape = [team.size, size];
            const zeros = (own: readonly number[]) =>
              ndarray(new Float32Array(own.reduce((a, b) => a * b, team.size)), [team.size, ...own]);
            const moments = config.optimiser === 'adam' && { m: zeros([size]), v: zeros([size]) };
            return [
              team.name,
              { theta: ndarray(theta, shape), target: ndarray(theta.slice(), shape), ...(moments && { moments }) },
            ];
          }),
        );
      const rewards = Object.fromEntries(
        Object.entries(rewardMoments(config.rewardScaling, agents.length)).map(([name, shape]) => [
          name,
          ndarray(new Float32Array(agents.length), [...shape]),
        ]),
      );
      const carry = carryOf<MaddpgCarry>({
        actor: role('actor'),
        critic: role('critic'),
        ...(config.rewardScaling !== 'none' && { rewards }),
      });
      return { carry, updates: 0 };
    },
    policies: (state, mode) =>
      Object.fromEntries(
        teams.map((team) => {
          const group: Group = groups[team.name]!;
          const explore = explorationOf(group, config);
          const policy = actingPolicy({
            runtime,
            name: `maddpg policy of ${team.name}`,
            group,
            mode,
            state,
            acting: (now: MaddpgState) => actingOf(now, team),
            ...(explore && { explore }),
          });
          return [team.name, policy];
        }),
      ) as unknown as Policies<G, MaddpgState>,
    update(state, batch, rng, clock) {
      const updates = state.updates + 1;
      count.data[0] = updates;
      move.data[0] = updates % config.targetEvery === 0 ? 1 : 0;
      rate.data[0] = 1 + (config.learningRateEnd - 1) * Math.min(1, clock.steps / clock.total);
      const running = compiled.run(state.carry, inputOf(batch, rng));
      return isPromise(running)
        ? running.then(({ carry, output }) => [{ carry, updates }, report(output)] as const)
        : [{ carry: running.carry, updates }, report(running.output)];
    },
    acting: (state) =>
      Object.fromEntries(teams.map((team) => [team.name, actingOf(state, team)])) as { [K in keyof G]: Acting },
  };
};
