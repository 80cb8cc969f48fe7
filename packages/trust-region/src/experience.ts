import { elements, type F32, type GroupBatch, type Groups, type Rollout } from '@troupe/core';
import type { AtRest, RestArray } from '@troupe/runtime';
import { ofSlot } from './columns.js';
import ndarray from 'ndarray';
import type { CriticUnit } from './critics.js';
import type { Actor, Team } from './teams.js';
import type { ActorRows, CriticRows } from './types.js';

/** What a critic unit is told about a rollout: [B, K] row-major, [B] for `last`. */
export interface UnitRows {
  readonly rows: AtRest<CriticRows>;
  readonly nextRows: AtRest<CriticRows>;
  readonly reward: Float64Array;
  readonly discount: Float64Array;
  /** Values remembered when acting, in normalised units; undefined where they were not. */
  readonly remembered: Float64Array | undefined;
  readonly weight: Float32Array;
}

const groupOf = (rollout: Rollout<Groups>, team: Team): GroupBatch => rollout.batch.groups[team.name]!;

/** All of one array, or one agent of it. */
const part = <A extends RestArray>(x: A, slot: number | undefined): A => (slot === undefined ? x : ofSlot(x, slot));

/** [B, n]; 1 where an episode begins with the row. In the first rows memory says so itself: it is zero there. */
export const startedOf = ({ batch: { last }, numEnvs }: Rollout<Groups>, n: number): RestArray => {
  const data = new Float32Array(last.length * n);
  for (let b = numEnvs; b < last.length; b++) data.fill(last[b - numEnvs]!, b * n, (b + 1) * n);
  return ndarray(data, [last.length, n]);
};

/** Rows of one actor, all but the advantage. */
export const actorColumns = (rollout: Rollout<Groups>, { team, copy }: Actor): Omit<AtRest<ActorRows>, 'advantage'> => {
  const { observation, action, active, legal, extras } = groupOf(rollout, team);
  const slot = team.copies === team.slots ? copy : undefined;
  const choices = team.policy.head.some(({ kind }) => kind === 'choice');
  const { drawn, logProb, memory } = extras as {
    readonly drawn?: F32;
    readonly logProb?: F32;
    readonly memory?: F32;
  };
  return {
    observation: part(observation, slot),
    action: part(action as RestArray, slot),
    active: part(active, slot),
    ...(drawn && { drawn: part(drawn, slot) }),
    ...(logProb && { logProb: part(logProb, slot) }),
    ...(choices && legal && { legal: part(legal, slot) }),
    ...(team.memory > 0 && { memory: part(memory!, slot), started: startedOf(rollout, team.agents) }),
  };
};

const observed = (
  unit: CriticUnit,
  everyone: readonly Team[],
  of: (team: Team) => { readonly observation: F32; readonly state?: F32 },
  usesState: boolean,
): AtRest<CriticRows> => {
  if (unit.kind === 'joint' && usesState) {
    return { state: of(everyone[0]!).state! };
  }
  const seen = unit.kind === 'joint' ? everyone : unit.teams;
  return {
    observation: Object.fromEntries(seen.map((team) => [team.name, part(of(team).observation, unit.slot)])),
  };
};

/** Reads what a critic learns from. Shared values are of mean rewards of the living. */
export const unitRows = (
  rollout: Rollout<Groups>,
  unit: CriticUnit,
  everyone: readonly Team[],
  options: { readonly usesState: boolean; readonly countDead: boolean },
): UnitRows => {
  const rows = rollout.batch.last.length;
  const { columns: k } = unit;
  const size = rows * k;
  const [reward, discount] = [new Float64Array(size), new Float64Array(size)];
  const weight = new Float32Array(size);
  const of = unit.teams.map((team) => {
    const own = groupOf(rollout, team);
    return {
      reward: elements(own.reward),
      discount: elements(own.discount),
      active: elements(own.active),
      n: team.slots,
    };
  });
  const first = of[0]!;
  const value = groupOf(rollout, unit.teams[0]!).extras['value'];
  const values = value && elements(value);
  const remembered = values && new Float64Array(size);

  for (let b = 0; b < rows; b++) {
    if (k === 1 && unit.slot === undefined) {
      let [sum, living, future] = [0, 0, 0];
      for (const one of of) {
        for (let at = b * one.n; at < (b + 1) * one.n; at++) {
          if (one.active[at] !== 0 || options.countDead) {
            sum += one.reward[at]!;
            living += 1;
          }
          future = Math.max(future, one.discount[at]!);
        }
      }
      reward[b] = living > 0 ? sum / living : 0;
      discount[b] = future;
      weight[b] = living > 0 || options.countDead ? 1 : 0;
      if (remembered) remembered[b] = values[b * first.n]!;
      continue;
    }
    for (let i = 0; i < k; i++) {
      const from = b * first.n + (unit.slot ?? i);
      reward[b * k + i] = first.reward[from]!;
      discount[b * k + i] = first.discount[from]!;
      weight[b * k + i] = first.active[from] !== 0 || options.countDead ? 1 : 0;
      if (remembered) remembered[b * k + i] = values[from]!;
    }
  }
  const group = (team: Team) => groupOf(rollout, team);
  return {
    rows: observed(unit, everyone, group, options.usesState),
    nextRows: observed(unit, everyone, (team) => group(team).next, options.usesState),
    reward,
    discount,
    remembered,
    weight,
  };
};
