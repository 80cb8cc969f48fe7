import { choicesOf, sizeOf, type MultiDiscrete, type Space } from '../space.js';

/** A value in a few words, for messages. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  if ('length' in value && typeof value.length === 'number') return `an array of ${value.length}`;
  if ('then' in value) return 'a promise (await it)';
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 8).join(', ')}`;
};

const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === 'object' && value !== null && 'length' in value && typeof value.length === 'number';

const isChoice = (value: unknown, n: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < n;

type Numbers = Float32Array | Int32Array;

/** Writes one value into `data` from `at` on. Returns what is wrong with the value, or undefined. */
export type WriteValue = (value: unknown, data: Numbers, at: number) => string | undefined;

/** The common case without a check per number: x − x is 0 unless x is infinite or no number. */
const copyFinite = (value: Float32Array, data: Numbers, at: number): boolean => {
  let sum = 0;
  for (let k = 0; k < value.length; k++) {
    const x = value[k]!;
    data[at + k] = x;
    sum += x - x;
  }
  return sum === 0;
};

/**
 * A checked writer for values of a space: right length, finite as float32, choices in range. Bounds of a box are not
 * checked: that is `checkEnv`'s work. No allocation unless something is wrong.
 */
export const writerOf = (space: Space): WriteValue => {
  if (space.kind === 'discrete') {
    const { n } = space;
    return (value, data, at) => {
      if (!isChoice(value, n)) return `expected an integer in [0, ${n}), got ${show(value)}`;
      data[at] = value;
      return undefined;
    };
  }
  const size = sizeOf(space);
  const counts = space.kind === 'multiDiscrete' ? space.counts : space.kind === 'hybrid' ? space.choices.counts : [];
  const reals = size - counts.length;
  return (value, data, at) => {
    if (!isArrayLike(value)) return `expected ${size} number${size === 1 ? '' : 's'}, got ${show(value)}`;
    if (value.length !== size) return `expected ${size} number${size === 1 ? '' : 's'}, got ${value.length}`;
    if (reals === size && value instanceof Float32Array && copyFinite(value, data, at)) return undefined;
    for (let k = 0; k < reals; k++) {
      const x = value[k];
      if (typeof x !== 'number') return `expected a finite number in component ${k}, got ${show(x)}`;
      data[at + k] = x;
      if (!Number.isFinite(data[at + k])) return `expected a finite float32 in component ${k}, got ${x}`;
    }
    for (let k = reals; k < size; k++) {
      const x = value[k];
      const n = counts[k - reals]!;
      if (!isChoice(x, n)) return `expected an integer in [0, ${n}) in component ${k}, got ${show(x)}`;
      data[at + k] = x;
    }
    return undefined;
  };
};

/** Counts of the choices, head by head; none for a box. */
export const headsOf = (space: Space): readonly number[] => {
  switch (space.kind) {
    case 'discrete':
      return [space.n];
    case 'box':
      return [];
    case 'multiDiscrete':
      return space.counts;
    case 'hybrid':
      return headsOf(space.choices satisfies MultiDiscrete);
  }
};

/** Looks for a choice that the mask in `legal` from `at` on forbids. Returns what is wrong with the action, or undefined. */
export type FindForbidden = (action: Numbers, legal: Uint8Array, at: number) => string | undefined;

/** A finder for actions of a space. */
export const forbiddenIn = (space: Space): FindForbidden => {
  const heads = headsOf(space);
  const reals = sizeOf(space) - heads.length;
  return (action, legal, at) => {
    let k = at;
    for (let head = 0; head < heads.length; head++) {
      const choice = action[reals + head]!;
      if (legal[k + choice] === 0) {
        return `expected a choice that 'legal' permits now${heads.length > 1 ? ` in head ${head}` : ''}, got ${choice}`;
      }
      k += heads[head]!;
    }
    return undefined;
  };
};

/** Writes one mask into `data` from `at` on. Returns what is wrong with the mask, or undefined. */
export type WriteMask = (value: unknown, data: Uint8Array, at: number, over: boolean) => string | undefined;

/**
 * A checked writer for masks of a space's choices: right length, at least one permitted choice in every head. Where the
 * task is `over` there may be none: then all are written as permitted, so that no target is taken over nothing.
 */
export const maskWriterOf = (space: Space): WriteMask => {
  const heads = headsOf(space);
  const total = choicesOf(space);
  return (value, data, at, over) => {
    if (!isArrayLike(value)) return `expected a mask of ${total} numbers, got ${show(value)}`;
    if (value.length !== total) return `expected a mask of ${total} numbers, got ${value.length}`;
    let k = 0;
    for (let head = 0; head < heads.length; head++) {
      let permitted = 0;
      for (const end = k + heads[head]!; k < end; k++) {
        const x = value[k];
        if (x !== 0 && x !== 1) return `expected 0 or 1 in component ${k} of a mask, got ${show(x)}`;
        data[at + k] = x;
        permitted += x;
      }
      if (permitted > 0) continue;
      if (over) data.fill(1, at + k - heads[head]!, at + k);
      else return `expected at least one permitted choice${heads.length > 1 ? ` in head ${head}` : ''}, got none`;
    }
    return undefined;
  };
};
