import {
  copyInto,
  emptyAction,
  hasShape,
  isContiguous,
  type Act,
  type Group,
  type GroupAction,
  type GroupObservation,
  type Policy,
} from '@troupe/core';

/** A policy and the environments in which it plays. */
export interface Table<A extends Group, S> {
  readonly id: string;
  policy: Policy<A, S>;
  /** Number of environments. */
  seated: number;
  /** [E]; 1 where an episode has just begun for it. */
  readonly started: Uint8Array;
}

/** Different policies in different environments, which act as one. */
export interface Seats<A extends Group, S> {
  readonly act: Policy<A, S>['act'];
  /** [E]; who plays there. Undefined before the first episode. */
  readonly at: readonly (Table<A, S> | undefined)[];
  readonly tables: readonly Table<A, S>[];
  /** Empties all seats and makes room for so many environments. */
  resize(numEnvs: number): void;
  /** The table of a policy, opened where there is none. */
  open(id: string, make: () => Policy<A, S>): Table<A, S>;
  sit(env: number, table: Table<A, S>): void;
  /** Tells the policies which episodes began since the last call, and closes the empty tables that `keep` does not want. */
  settle(keep: (id: string) => boolean): void;
}

const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && 'then' in value;

/**
 * Each policy that plays anywhere acts on the observations of all environments, and its actions are taken in its own:
 * shapes never change, so a compiled acting step is compiled once. One call per policy in play and step.
 */
export const seatsOf = <A extends Group, S>(group: A): Seats<A, S> => {
  let at: (Table<A, S> | undefined)[] = [];
  let tables: Table<A, S>[] = [];
  let action = emptyAction(group, 0);
  let answer: Act<A> = { action };
  let scratch: Float32Array | Int32Array = new Float32Array(0);

  const take = (table: Table<A, S>, chosen: GroupAction<A>): void => {
    if (!hasShape(chosen, action.shape)) {
      throw new RangeError(
        `selfPlay: expected actions [${action.shape.join(', ')}] of '${table.id}', got [${chosen.shape.join(', ')}]`,
      );
    }
    const into = action.data;
    let from: Float32Array | Int32Array = chosen.data;
    if (!(isContiguous(chosen) && chosen.offset === 0)) {
      if (scratch.length !== into.length) scratch = into.slice();
      copyInto(scratch, 0, chosen);
      from = scratch;
    }
    const width = into.length / at.length;
    for (let e = 0; e < at.length; e++) {
      if (at[e] !== table) continue;
      for (let k = e * width; k < (e + 1) * width; k++) into[k] = from[k]!;
    }
  };

  type Seen = Parameters<Policy<A, S>['act']>;
  const rest = async (t: number, pending: PromiseLike<Act<A>>, ...seen: Seen): Promise<Act<A>> => {
    take(tables[t]!, (await pending).action);
    for (let next = t + 1; next < tables.length; next++) {
      const table = tables[next]!;
      if (table.seated > 0) take(table, (await table.policy.act(...seen)).action);
    }
    return answer;
  };

  return {
    get at() {
      return at;
    },
    get tables() {
      return tables;
    },
    resize(numEnvs) {
      at = new Array<Table<A, S> | undefined>(numEnvs).fill(undefined);
      tables = [];
      action = emptyAction(group, numEnvs);
      answer = { action };
    },
    open(id, make) {
      const known = tables.find((table) => table.id === id);
      if (known) return known;
      const table: Table<A, S> = { id, policy: make(), seated: 0, started: new Uint8Array(at.length) };
      tables.push(table);
      return table;
    },
    sit(env, table) {
      const before = at[env];
      if (before) before.seated -= 1;
      at[env] = table;
      table.seated += 1;
      table.started[env] = 1;
    },
    settle(keep) {
      for (const { policy, started } of tables) {
        if (started.includes(1)) policy.begin?.(started);
        started.fill(0);
      }
      if (tables.some(({ id, seated }) => seated === 0 && !keep(id))) {
        tables = tables.filter(({ id, seated }) => seated > 0 || keep(id));
      }
    },
    act(observation: GroupObservation, rng, clock) {
      const numEnvs = observation.active.shape[0]!;
      if (numEnvs !== at.length) {
        throw new RangeError(`selfPlay: expected observations of ${at.length} environments, got ${numEnvs}`);
      }
      for (let t = 0; t < tables.length; t++) {
        const table = tables[t]!;
        if (table.seated === 0) continue;
        const acting = table.policy.act(observation, rng, clock);
        if (isPromise(acting)) return rest(t, acting, observation, rng, clock);
        take(table, acting.action);
      }
      return answer;
    },
  };
};
