import { breach } from '../check/breach.js';
import type { Group } from '../env.js';
import { choicesOf, sizeOf } from '../space.js';
import type { FrameArrays } from '../step-arrays.js';
import {
  forbiddenIn,
  maskWriterOf,
  show,
  writerOf,
  type FindForbidden,
  type WriteMask,
  type WriteValue,
} from './space-value.js';
import { actionArray, idsOf, slotsOf } from '../vec.js';

/** What never changes about a group. */
export interface GroupPlan {
  readonly name: string;
  readonly group: Group;
  readonly slots: number;
  readonly fixed: boolean;
  readonly observationSize: number;
  readonly actionSize: number;
  readonly choices: number;
  readonly writeObservation: WriteValue;
  readonly writeMask: WriteMask;
  readonly writeAction: WriteValue;
  readonly findForbidden: FindForbidden;
}

/** The plan of a group. Throws a RangeError for a group of nobody, or of two agents of one name. */
export const planOf = (name: string, group: Group): GroupPlan => {
  if (typeof group.agents !== 'object') {
    throw breach(
      'groups',
      `vectorize: group '${name}': expected agents to be ids or { max }, got ${show(group.agents)}`,
    );
  }
  const slots = slotsOf(group.agents);
  if (!Number.isInteger(slots) || slots < 1) {
    throw breach('groups', `vectorize: group '${name}': expected at least one agent, got ${String(slots)}`);
  }
  const ids = idsOf(group.agents);
  if (new Set(ids).size !== ids.length) {
    throw breach('groups', `vectorize: group '${name}': expected different ids, got ${ids.join(', ')}`);
  }
  return {
    name,
    group,
    slots,
    fixed: !('max' in group.agents),
    observationSize: sizeOf(group.observation),
    actionSize: sizeOf(group.action),
    choices: choicesOf(group.action),
    writeObservation: writerOf(group.observation),
    writeMask: maskWriterOf(group.action),
    writeAction: writerOf(group.action),
    findForbidden: forbiddenIn(group.action),
  };
};

/** Which of an environment's functions gave what is being read: what a message names. */
export type EnvFunction = 'reset' | 'step' | 'legal' | 'state';

/** Who sits where in one group of one environment, and the actions handed to it. */
export interface Seats {
  readonly plan: GroupPlan;
  readonly e: number;
  readonly ids: (string | undefined)[];
  readonly seatOf: Map<string, number>;
  /** 1 where the seat's agent lives now. */
  readonly alive: Uint8Array;
  /** Those who died in the step being read: their seats are free from the next step on. */
  readonly leaving: number[];
  readonly values: readonly (Float32Array | Int32Array)[];
  /** The dictionary handed to `step`. Made anew only when the living change. */
  actions: Record<string, number | Float32Array | Int32Array>;
  stale: boolean;
}

/** The seats of environment `e` before its first reset; only a fixed cast sits already. */
export const takeSeats = (plan: GroupPlan, e: number): Seats => {
  const ids = idsOf(plan.group.agents);
  return {
    plan,
    e,
    ids: plan.fixed ? [...ids] : Array.from({ length: plan.slots }, () => undefined),
    seatOf: new Map(ids.map((id, seat) => [id, seat])),
    alive: new Uint8Array(plan.slots),
    leaving: [],
    values: Array.from({ length: plan.slots }, () => actionArray(plan.group.action, plan.actionSize)),
    actions: {},
    stale: true,
  };
};

const place = (from: EnvFunction, { plan, e }: Seats, id?: string): string =>
  `vectorize: '${from}' of environment ${e}, group '${plan.name}'${id === undefined ? '' : `, agent '${id}'`}`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The part of an environment's answer that belongs to a group. */
const partOf = (from: EnvFunction, seats: Seats, what: string, all: unknown): Readonly<Record<string, unknown>> => {
  const part = isRecord(all) ? all[seats.plan.name] : undefined;
  if (!isRecord(part)) throw breach('groups', `${place(from, seats)}: expected ${what} by agent, got ${show(part)}`);
  return part;
};

/** Forgets everyone: a new episode begins. */
export const clearSeats = (seats: Seats): void => {
  seats.alive.fill(0);
  seats.leaving.length = 0;
  seats.stale = true;
  if (seats.plan.fixed) return;
  seats.ids.fill(undefined);
  seats.seatOf.clear();
};

const settle = (from: EnvFunction, seats: Seats, values: Readonly<Record<string, unknown>>): void => {
  const { plan, ids, seatOf, alive, leaving } = seats;
  for (let seat = 0; seat < plan.slots; seat++) {
    const id = ids[seat];
    if (id === undefined || alive[seat] === 0 || values[id] !== undefined) continue;
    alive[seat] = 0;
    seats.stale = true;
    if (!plan.fixed) leaving.push(seat);
  }
  for (const id in values) {
    if (values[id] === undefined) continue;
    let seat = seatOf.get(id);
    if (plan.fixed) {
      if (seat === undefined) {
        throw breach('agents', `${place(from, seats, id)}: unknown agent; expected ${ids.join(', ')}`);
      }
      if (alive[seat] === 0 && from === 'step') {
        throw breach(
          'agents',
          `${place(from, seats, id)}: expected no observation, because there was none the step before, so that this agent ` +
            `is dead, got ${show(values[id])}; agents that come and go need a population: agents: { max: … }`,
        );
      }
    } else if (seat === undefined) {
      seat = ids.indexOf(undefined);
      if (seat === -1) {
        throw breach(
          'agents',
          `${place(from, seats, id)}: no free seat; expected at most ${plan.slots} agents (max), seats are held by ` +
            `${ids.join(', ')}${leaving.length > 0 ? ' (the seat of an agent that dies is free from the next step on)' : ''}`,
        );
      }
      ids[seat] = id;
      seatOf.set(id, seat);
    }
    if (alive[seat] === 0) seats.stale = true;
    alive[seat] = 1;
  }
};

/** Seats whoever is seen, marks whoever is not as dead, and writes what is seen. */
export const readObservations = (
  from: 'reset' | 'step',
  seats: Seats,
  all: unknown,
  to: FrameArrays,
  g: number,
): void => {
  const values = partOf(from, seats, 'observations', all);
  settle(from, seats, values);
  const { plan, ids, alive, e } = seats;
  const size = plan.observationSize;
  const [observation, active] = [to.observation[g]!, to.active[g]!];
  for (let seat = 0; seat < plan.slots; seat++) {
    const row = e * plan.slots + seat;
    active[row] = alive[seat]!;
    if (alive[seat] === 0) {
      observation.fill(0, row * size, (row + 1) * size);
      continue;
    }
    const wrong = plan.writeObservation(values[ids[seat]!], observation, row * size);
    if (wrong !== undefined) throw breach('observation', `${place(from, seats, ids[seat])}: observation: ${wrong}`);
  }
};

/** Frees the seats of those who died in the step that was read. */
export const freeSeats = ({ leaving, ids, seatOf }: Seats): void => {
  for (const seat of leaving) {
    seatOf.delete(ids[seat]!);
    ids[seat] = undefined;
  }
  leaving.length = 0;
};

/**
 * Writes the rewards of those who acted: `acted` is who lived before the step (read before `readObservations`). Whoever
 * was dead or is newborn did nothing that could be rewarded: 0.
 */
export const readRewards = (seats: Seats, all: unknown, reward: Float32Array): void => {
  const values = partOf('step', seats, 'rewards', all);
  const { plan, ids, alive, e } = seats;
  for (let seat = 0; seat < plan.slots; seat++) {
    const at = e * plan.slots + seat;
    reward[at] = 0;
    if (alive[seat] === 0) continue;
    const id = ids[seat]!;
    const value = values[id];
    if (value === undefined && !plan.fixed) continue;
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      throw breach('reward', `${place('step', seats, id)}: reward: expected a finite float32, got ${show(value)}`);
    }
    reward[at] = value;
  }
};

/** Refuses rewards of agents that nobody has seen. Called when the newborn have their seats and the dead still have. */
export const checkRewarded = (seats: Seats, all: unknown): void => {
  const values = partOf('step', seats, 'rewards', all);
  for (const id in values) {
    if (!seats.seatOf.has(id) && values[id] !== undefined) {
      const known = seats.ids.filter((one) => one !== undefined);
      throw breach(
        'reward',
        `${place('step', seats, id)}: reward: unknown agent; expected ${known.join(', ') || 'nobody'}`,
      );
    }
  }
};

/** Writes masks; 1 everywhere where nobody lives and nothing follows, so that no row is without a choice. */
export const readLegal = (seats: Seats, all: unknown, to: FrameArrays, g: number, over: boolean): void => {
  const legal = to.legal[g];
  if (legal === undefined) return;
  const values = partOf('legal', seats, 'masks', all);
  const { plan, ids, alive, e } = seats;
  for (let seat = 0; seat < plan.slots; seat++) {
    const row = e * plan.slots + seat;
    if (alive[seat] === 0) {
      legal.fill(1, row * plan.choices, (row + 1) * plan.choices);
      continue;
    }
    const wrong = plan.writeMask(values[ids[seat]!], legal, row * plan.choices, over);
    if (wrong !== undefined) throw breach('legal', `${place('legal', seats, ids[seat])}: ${wrong}`);
  }
};

/** Seats those who sat there when it was saved. */
export const restoreSeats = (seats: Seats, saved: readonly (string | null)[], active: Uint8Array): void => {
  clearSeats(seats);
  const { plan, ids, seatOf, alive, e } = seats;
  for (let seat = 0; seat < plan.slots; seat++) {
    alive[seat] = active[e * plan.slots + seat]!;
    const id = saved[seat] ?? undefined;
    if (plan.fixed || id === undefined) continue;
    ids[seat] = id;
    seatOf.set(id, seat);
  }
};
