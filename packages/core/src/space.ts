/** Spaces describe one observation or one action. They are plain frozen data: no classes, no randomness. */

export interface Discrete {
  /** Tells the kinds of spaces apart. */
  readonly kind: 'discrete';
  /** Number of choices, an integer >= 1. */
  readonly n: number;
}

/** Real numbers in a shape. A bound is one number for all components, or one per component (row-major). */
export interface Box {
  /** Tells the kinds of spaces apart. */
  readonly kind: 'box';
  /** Extents of one value, integers >= 1; `[]` for a single number. */
  readonly shape: readonly number[];
  /** Least value permitted, itself included; -Infinity for none. */
  readonly low: number | readonly number[];
  /** Greatest value permitted, itself included; Infinity for none. */
  readonly high: number | readonly number[];
}

/** Several independent discrete choices, e.g. move × message. */
export interface MultiDiscrete {
  /** Tells the kinds of spaces apart. */
  readonly kind: 'multiDiscrete';
  /** How many there are to choose from, one number per choice, integers >= 1. */
  readonly counts: readonly number[];
}

/** Real numbers and choices together, as games need them: stick and buttons. At rest the box comes first, then the choices. */
export interface Hybrid {
  /** Tells the kinds of spaces apart. */
  readonly kind: 'hybrid';
  /** The real numbers, flat and first at rest. */
  readonly box: Box;
  /** The choices, as indices after the real numbers at rest. */
  readonly choices: MultiDiscrete;
}

/** What an observation or an action may be. */
export type Space = Discrete | Box | MultiDiscrete | Hybrid;

const requireCount = (where: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`${where}: expected an integer >= 1, got ${String(n)}`);
};

/** One choice of `n`: 0, 1, …, n − 1. Throws a RangeError unless n is an integer >= 1. */
export const discrete = (n: number): Discrete => {
  requireCount('discrete', n);
  return Object.freeze({ kind: 'discrete', n });
};

/** Independent choices with these counts. Throws a RangeError unless every count is an integer >= 1. */
export const multiDiscrete = (...counts: readonly number[]): MultiDiscrete => {
  if (counts.length === 0) throw new RangeError('multiDiscrete: expected at least one count, got none');
  for (const n of counts) requireCount('multiDiscrete', n);
  return Object.freeze({ kind: 'multiDiscrete', counts: Object.freeze([...counts]) });
};

/** Real numbers of `shape`, unbounded unless bounds are given. Throws a RangeError for a bad shape or bounds that cross. */
export const box = (
  shape: readonly number[],
  bounds: { readonly low?: number | readonly number[]; readonly high?: number | readonly number[] } = {},
): Box => {
  const given: unknown = shape;
  if (!Array.isArray(given)) throw new RangeError(`box: expected a shape such as [3], got ${String(given)}`);
  for (const n of shape) requireCount('box shape', n);
  const size = shape.reduce((a, b) => a * b, 1);
  const { low = -Infinity, high = Infinity } = bounds;
  for (const [name, bound] of [['low', low] as const, ['high', high] as const]) {
    if (typeof bound !== 'number' && bound.length !== size) {
      throw new RangeError(`box: expected ${size} components in ${name}, got ${bound.length}`);
    }
  }
  for (let i = 0; i < size; i++) {
    if (!(boundOf(low, i) <= boundOf(high, i))) {
      throw new RangeError(`box: expected low <= high, got ${boundOf(low, i)} > ${boundOf(high, i)} in component ${i}`);
    }
  }
  const own = (bound: number | readonly number[]) => (typeof bound === 'number' ? bound : Object.freeze([...bound]));
  return Object.freeze({ kind: 'box', shape: Object.freeze([...shape]), low: own(low), high: own(high) });
};

/** A box and choices in one action. */
export const hybrid = (real: Box, choices: MultiDiscrete): Hybrid =>
  Object.freeze({ kind: 'hybrid', box: real, choices });

/** The bound of component `i`. */
export const boundOf = (bound: number | readonly number[], i: number): number =>
  typeof bound === 'number' ? bound : bound[i]!;

/** What an environment may hand out for a space: lenient, so that authors can return `[x, v]`. */
export type Emits<S extends Space> = S extends Discrete ? number : ArrayLike<number>;

/** What an environment is handed for a space: strict, so that authors can rely on it. */
export type Receives<S extends Space> = S extends Discrete
  ? number
  : S extends MultiDiscrete
    ? Int32Array
    : S extends Box | Hybrid
      ? Float32Array
      : never;

/** Element type of a batch of actions from a space. */
export type ActionArray<S extends Space> = S extends Box | Hybrid ? Float32Array : Int32Array;

/** Shape of one value. `[]` for discrete. */
export const shapeOf = (space: Space): readonly number[] => {
  switch (space.kind) {
    case 'discrete':
      return [];
    case 'box':
      return space.shape;
    case 'multiDiscrete':
      return [space.counts.length];
    case 'hybrid':
      return [sizeOf(space.box) + space.choices.counts.length];
  }
};

/** Number of components of one value: the product of its shape. */
export const sizeOf = (space: Space): number => shapeOf(space).reduce((a, b) => a * b, 1);

/** Length of a legal-action mask: choices of all heads one after another; 0 for a space without choices. */
export const choicesOf = (space: Space): number => {
  switch (space.kind) {
    case 'discrete':
      return space.n;
    case 'box':
      return 0;
    case 'multiDiscrete':
      return space.counts.reduce((a, b) => a + b, 0);
    case 'hybrid':
      return choicesOf(space.choices);
  }
};
