import {
  actingPolicy,
  defineLearner,
  elements,
  mapGroups,
  policiesOf,
  requireGroups,
  requireKnown,
  type Box,
  type Groups,
  type Learner,
  type Metrics,
  type Rollout,
  type U8,
} from '@troupe/core';
import { normalised } from '@troupe/losses';
import { inTurn, type Carry, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { actingOf } from './acting.js';
import type { ActorRule } from './actor-rule.js';
import { shuffle } from './columns.js';
import { criticRule } from './critic-rule.js';
import { criticsOf } from './critics.js';
import { actorColumns, unitRows } from './experience.js';
import { remainder } from './recall.js';
import { requireRollout } from './rollout-check.js';
import { inSequences } from './in-sequences.js';
import type { CommonConfig } from './settings.js';
import { initialState, type TrustRegionState } from './state.js';
import { actorsOf, teamsOf, type Actor, type TrustRegionNetworks } from './teams.js';
import type { ActorCarry, CriticCarry } from './types.js';
import { valuer, type Valued } from './values.js';

/** What `inspect` is shown of one part of an update. Arrays are valid during the call. */
export interface UpdateReport {
  /** What was updated. */
  readonly of: 'actor' | 'critic';
  /** `group/agent`, `group` or `team`. */
  readonly name: string;
  /** What its rule tells: metrics by pass, tries of the line search, vectors of the step. */
  readonly [detail: string]: unknown;
}

/** What is not a number or a name. */
export interface LearnerOptions {
  /** Networks of your own in place of the standard ones. */
  readonly networks?: TrustRegionNetworks;
  /** Space of the environment's state, for a joint critic that is to see it; without, all observations are joined. */
  readonly stateSpace?: Box;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Called for each actor and critic in the order of their updates, to look into them. */
  readonly inspect?: (report: UpdateReport) => void;
}

/** The learner that all algorithms of this package are, by their settings and the rule by which an actor learns. */
export const trustRegionLearner = <const G extends Groups>(
  where: string,
  groups: G,
  config: CommonConfig,
  actorRule: ActorRule,
  options: LearnerOptions & { readonly runtime: Runtime },
): Learner<G, TrustRegionState, Rollout<G>> => {
  const { runtime, networks = {}, stateSpace, inspect } = options;
  requireGroups(where, groups);
  requireKnown(where, 'networks', networks, ['actor', 'critic']);
  if (stateSpace && config.critic === 'own') {
    throw new RangeError(`${where}: stateSpace: expected a joint critic, which sees the state, got critic 'own'`);
  }
  const rule = inSequences(actorRule);
  const teams = teamsOf(groups, config, networks);
  const actors = actorsOf(teams);
  const critics = criticsOf(groups, teams, config, networks, stateSpace);
  const units = critics.map((unit) => ({
    unit,
    valued: valuer(unit, config, runtime),
    learn: criticRule(unit, config, runtime),
  }));
  const acting = Object.fromEntries(teams.map((team) => [team.name, actingOf(team)]));
  const sequential = config.order !== 'together';
  // What is compiled and what is kept from call to call serves one update at a time.
  const queued = inTurn();
  const requirements = {
    where: `${where}.update`,
    teams,
    squashed: config.squash,
    stateSpace,
    parted: [
      ...teams.map((team) => ({ ...team, name: `the actors of group '${team.name}'`, parts: rule.parts })),
      ...critics.map((unit) => ({ ...unit, name: `critic '${unit.name}'`, parts: config.minibatches })),
    ],
  };

  /** The critic whose values an actor's agents have, and from which column on. */
  const judgeOf = ({ team, copy }: Actor): { readonly index: number; readonly column: number } => {
    const index = critics.findIndex((unit) => unit.teams.includes(team) && (unit.slot ?? copy) === copy);
    const unit = critics[index]!;
    return { index, column: unit.columns === 1 || team.agents > 1 ? 0 : copy };
  };

  const update = async (
    state: TrustRegionState,
    rollout: Rollout<G>,
    rng: Parameters<Learner<G, TrustRegionState, Rollout<G>>['update']>[2],
    { steps, total }: { readonly steps: number; readonly total: number },
  ): Promise<readonly [TrustRegionState, Metrics]> => {
    requireRollout(rollout, requirements);
    const rows = rollout.batch.last.length;
    const rate = 1 + (config.learningRateEnd - 1) * Math.min(1, steps / total);
    const countDead = config.deadRows === 'counted';
    const data = units.map(({ unit }) =>
      unitRows(rollout, unit, teams, { usesState: stateSpace !== undefined, countDead }),
    );
    const valued: Valued[] = [];
    for (const [i, { unit, valued: value }] of units.entries()) {
      const memory = rollout.fresh === true ? undefined : state.memories?.[unit.name];
      valued.push(await value(state.critics[unit.name]!, rollout, data[i]!, memory));
    }

    const nextActors = Object.fromEntries(teams.map(({ name }) => [name, [...state.actors[name]!]])) as Record<
      string,
      Carry<ActorCarry>[]
    >;
    const order = actors.map((_, i) => i);
    if (config.order === 'random') shuffle(order, rng);
    const factor = new Float64Array(rows).fill(1);
    const reports: Record<string, number>[] = actors.map(() => ({}));
    for (const [place, index] of order.entries()) {
      const actor = actors[index]!;
      const { team, copy } = actor;
      const { agents: n } = team;
      const { index: judge, column } = judgeOf(actor);
      const { columns: k } = critics[judge]!;
      const columns = actorColumns(rollout, actor);
      const active = elements(columns.active as U8);
      let advantage: ArrayLike<number> = Float64Array.from(
        { length: rows * n },
        (_, r) => valued[judge]!.advantage[Math.floor(r / n) * k + column + (k > 1 ? r % n : 0)]!,
      );
      if (config.normaliseAdvantages) advantage = normalised(advantage, active);
      const weighted = Float32Array.from({ length: rows * n }, (_, r) => advantage[r]! * factor[Math.floor(r / n)]!);
      const wantsRatio = sequential && (place < order.length - 1 || inspect !== undefined);
      const done = await rule.update({
        actor,
        carry: state.actors[team.name]![copy]!,
        rows: { ...columns, advantage: ndarray(weighted, [rows, n]) },
        numEnvs: rollout.numEnvs,
        rng,
        rate,
        wantsRatio,
      });
      nextActors[team.name]![copy] = done.carry;
      done.logRatio?.forEach((change, r) => {
        if (active[r] !== 0 || countDead) factor[Math.floor(r / n)]! *= Math.exp(change);
      });
      reports[index] = {
        ...done.metrics,
        ...(sequential && { factorMean: mean(factor), factorMax: factor.reduce((a, b) => Math.max(a, b), 0) }),
      };
      inspect?.({ of: 'actor', name: actor.name, ...done.report, metrics: done.metrics, factor, advantage });
    }

    const nextCritics: Record<string, Carry<CriticCarry>> = {};
    const critiques: Readonly<Record<string, number>>[] = [];
    for (const [i, { unit, learn }] of units.entries()) {
      const done = await learn(state.critics[unit.name]!, rollout, data[i]!, valued[i]!, { rng, rate });
      nextCritics[unit.name] = done.carry;
      critiques.push({ ...done.metrics, explainedVariance: explainedVariance(data[i]!.weight, valued[i]!) });
      inspect?.({ of: 'critic', name: unit.name, ...done.report, ...valued[i]! });
    }
    const metrics = {
      ...gathered(
        actors.map(({ name }) => name),
        reports,
        config.perAgentMetrics,
      ),
      ...gathered(
        critics.map(({ name }) => name),
        critiques,
        config.perAgentMetrics,
      ),
    };
    const memories = Object.fromEntries(
      units.flatMap(({ unit }, i) => {
        const { recalled } = valued[i]!;
        return recalled ? [[unit.name, remainder(rollout, recalled)]] : [];
      }),
    );
    const next = {
      actors: nextActors,
      critics: nextCritics,
      ...(Object.keys(memories).length > 0 && { memories }),
      updates: state.updates + 1,
    };
    return [next, metrics];
  };

  return defineLearner(where, 'rollout', {
    init: (rng) => initialState(teams, critics, config, { rng, descends: rule.descends }),
    policies: (state, mode) =>
      policiesOf(groups, (group, of) => {
        const [name, actingIn] = [`${where} policy of ${of}`, acting[of]!];
        return actingPolicy({ runtime, name, group, mode, state, acting: actingIn, remember: true });
      }),
    update: (...given) => queued(() => update(...given)),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};

const mean = (x: Float64Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;

/** 1 − Var(R − V) / Var(R) over the rows that count: 1 where a critic knows all, 0 where it might as well be constant. */
const explainedVariance = (weight: ArrayLike<number>, { returns, advantage }: Valued): number => {
  const variance = (x: Float64Array): number => {
    let [n, sum, squares] = [0, 0, 0];
    x.forEach((v, i) => {
      if (weight[i] === 0) return;
      n += 1;
      sum += v;
      squares += v * v;
    });
    return n === 0 ? 0 : squares / n - (sum / n) ** 2;
  };
  const spread = variance(returns);
  return spread > 0 ? 1 - variance(advantage) / spread : 0;
};

/** Means over the actors or critics under the metric's own name, and, if wanted, each one's as `name/metric`. */
const gathered = (
  names: readonly string[],
  each: readonly Readonly<Record<string, number>>[],
  perAgent: boolean,
): Record<string, number> => {
  const metrics: Record<string, number> = {};
  for (const key of Object.keys(each[0] ?? {})) {
    metrics[key] = each.reduce((sum, one) => sum + one[key]!, 0) / each.length;
    if (perAgent && names.length > 1) names.forEach((name, i) => (metrics[`${name}/${key}`] = each[i]![key]!));
  }
  return metrics;
};
