import {
  choicesOf,
  shapeOf,
  slotsOf,
  type Batch,
  type F32,
  type GroupBatch,
  type Groups,
  type GroupObservation,
} from '@troupe/core';
import type ndarray from 'ndarray';

/** Element types of columns. */
export type ColumnType = 'float32' | 'int32' | 'uint8';
/** What a column is made of. */
export type ColumnArray = Float32Array | Int32Array | Uint8Array;
/** Any ndarray that a column can be read from. */
export type View = ndarray.NdArray<ColumnArray>;

/** One part of a row: its name is the way to it in a `Batch`, `state` excepted, which all groups share. */
export interface Column {
  readonly path: readonly string[];
  readonly type: ColumnType;
  /** Shape of one row's part: what follows B. */
  readonly shape: readonly number[];
  readonly size: number;
}

/** What a batch may have and groups do not tell: fixed by the first rows. */
export interface OptionalParts {
  readonly legal: (name: string, next: boolean) => boolean;
  readonly state: (next: boolean) => readonly number[] | undefined;
  readonly extras: (name: string) => Readonly<Record<string, readonly number[]>>;
}

const column = (path: readonly string[], type: ColumnType, shape: readonly number[]): Column => ({
  path,
  type,
  shape,
  size: shape.reduce((a, b) => a * b, 1),
});

/** Every column of a row of these groups. */
export const columnsOf = (groups: Groups, parts: OptionalParts): readonly Column[] => {
  const columns: Column[] = [];
  for (const [name, group] of Object.entries(groups)) {
    const n = slotsOf(group.agents);
    const { kind } = group.action;
    const seen = (next: boolean): void => {
      const path = next ? ['groups', name, 'next'] : ['groups', name];
      columns.push(column([...path, 'observation'], 'float32', [n, ...shapeOf(group.observation)]));
      columns.push(column([...path, 'active'], 'uint8', [n]));
      if (parts.legal(name, next)) columns.push(column([...path, 'legal'], 'uint8', [n, choicesOf(group.action)]));
    };
    seen(false);
    seen(true);
    const actionType = kind === 'box' || kind === 'hybrid' ? 'float32' : 'int32';
    columns.push(column(['groups', name, 'action'], actionType, [n, ...shapeOf(group.action)]));
    columns.push(column(['groups', name, 'reward'], 'float32', [n]));
    columns.push(column(['groups', name, 'discount'], 'float32', [n]));
    for (const [key, shape] of Object.entries(parts.extras(name))) {
      columns.push(column(['groups', name, 'extras', key], 'float32', shape));
    }
  }
  const [state, nextState] = [parts.state(false), parts.state(true)];
  if (state) columns.push(column(['state'], 'float32', state));
  if (nextState) columns.push(column(['next', 'state'], 'float32', nextState));
  columns.push(column(['last'], 'uint8', []), column(['env'], 'int32', []));
  return columns;
};

const observationOf = (batch: Batch<Groups>, name: string, next: boolean): GroupObservation =>
  next ? batch.groups[name]!.next : batch.groups[name]!;

/** Which optional parts these rows have. */
export const partsOf = (batch: Batch<Groups>): OptionalParts => {
  const first = Object.keys(batch.groups)[0]!;
  return {
    legal: (name, next) => observationOf(batch, name, next).legal !== undefined,
    state: (next) => observationOf(batch, first, next).state?.shape.slice(1),
    extras: (name) =>
      Object.fromEntries(Object.entries(batch.groups[name]!.extras).map(([key, view]) => [key, view.shape.slice(1)])),
  };
};

/** Which optional parts a list of columns has. */
export const partsAmong = (columns: readonly Pick<Column, 'path' | 'shape'>[]): OptionalParts => {
  const shapes = new Map(columns.map(({ path, shape }) => [JSON.stringify(path), shape]));
  const at = (...path: string[]) => shapes.get(JSON.stringify(path));
  return {
    legal: (name, next) => at('groups', name, ...(next ? ['next'] : []), 'legal') !== undefined,
    state: (next) => (next ? at('next', 'state') : at('state')),
    extras: (name) =>
      Object.fromEntries(
        columns
          .filter(({ path }) => path[0] === 'groups' && path[1] === name && path[2] === 'extras')
          .map(({ path, shape }) => [path[3]!, shape]),
      ),
  };
};

/** Finds a column's view in a batch; `last` and `env` are bare arrays. */
export type ReadColumn = (batch: Batch<Groups>) => View | Uint8Array | Int32Array | undefined;

/** How to find a column in a batch, worked out once. */
export const readerOf = ({ path }: Column, groups: Groups): ReadColumn => {
  const first = Object.keys(groups)[0]!;
  const [a, name, b, c] = path as [string, string, string, string];
  if (a === 'last') return (batch) => batch.last;
  if (a === 'env') return (batch) => batch.env;
  if (a === 'state') return (batch) => batch.groups[first]!.state;
  if (a === 'next') return (batch) => batch.groups[first]!.next.state;
  if (b === 'extras') return (batch) => batch.groups[name]!.extras[c];
  if (b === 'next') {
    const key = c as 'observation' | 'active' | 'legal';
    return (batch) => batch.groups[name]!.next[key];
  }
  const key = b as Exclude<keyof GroupBatch, 'next' | 'extras'>;
  return (batch) => batch.groups[name]![key];
};

/** The way to a column in a few words. Unlike a mere join, it tells apart names that have points in them. */
export const nameOf = ({ path }: Pick<Column, 'path'>): string =>
  path.map((key) => (key.includes('.') ? `'${key}'` : key)).join('.');

/**
 * Refuses rows that have masks, state or extras where the columns have none (that what the columns have is there,
 * `checkView` sees), and `state` that is not the same array in every group.
 */
export const partsChecker = (columns: readonly Column[], groups: Groups) => {
  const parts = partsAmong(columns);
  const names = Object.keys(groups);
  const known = names.map((name) => ({
    name,
    next: `${name}.next`,
    extras: parts.extras(name),
    legal: { now: parts.legal(name, false), next: parts.legal(name, true) },
  }));
  const stated = { now: parts.state(false) !== undefined, next: parts.state(true) !== undefined };

  /** `where` and `name` are put together only when there is something to say. */
  const checkSeen = (
    where: string,
    name: string,
    seen: GroupObservation,
    shared: F32 | undefined,
    legal: boolean,
    state: boolean,
  ) => {
    if (seen.legal && !legal)
      throw new RangeError(`${where}: ${name}: expected no legal, as in the first rows, got one`);
    if (seen.state && !state)
      throw new RangeError(`${where}: ${name}: expected no state, as in the first rows, got one`);
    const own = seen.state;
    if (own === shared) return; // the usual case, in which no words are put together
    const differs =
      own?.data !== shared?.data || own?.offset !== shared?.offset || own?.stride.join() !== shared?.stride.join();
    if (differs) {
      throw new RangeError(`${where}: ${name}: expected state to be the same array in every group`);
    }
  };

  return (where: string, batch: Batch<Groups>): void => {
    const first = batch.groups[names[0]!];
    for (const { name, next, extras, legal } of known) {
      const group = batch.groups[name];
      if (!group) throw new TypeError(`${where}: expected the groups ${names.join(', ')}, got none named '${name}'`);
      for (const key in group.extras) {
        if (Object.hasOwn(extras, key)) continue;
        const expected = Object.keys(extras).join(', ') || 'none';
        throw new RangeError(
          `${where}: ${name}: expected the extras of the first rows (${expected}), got '${key}' as well`,
        );
      }
      checkSeen(where, name, group, first!.state, legal.now, stated.now);
      checkSeen(where, next, group.next, first!.next.state, legal.next, stated.next);
    }
  };
};
