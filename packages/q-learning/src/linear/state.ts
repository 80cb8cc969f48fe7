import ndarray from 'ndarray';
import type { Features } from './features.js';
import type { LinearConfig } from './settings.js';

/** One group: its spaces as numbers. */
export interface LinearCrew {
  readonly name: string;
  /** N */
  readonly slots: number;
  /** A */
  readonly choices: number;
  /** Components of one agent's observation. */
  readonly width: number;
  readonly features: Features;
  /** Whether a state is one feature: then visits are counted. */
  readonly table: boolean;
}

/** An `ndarray` view on a `Float64Array`. */
export type F64 = ndarray.NdArray<Float64Array>;

/** What one group knows. */
export interface LinearRole {
  /** [T, N, A, F]; T is 2 for double learning. Q(s, a) = φ(s) · w_a */
  readonly weights: F64;
  /** [T, N, A, F]; the weights that targets are computed with. */
  readonly target: F64;
  /** [T, N, A, F]; how often each state and choice have been met. Tables only. */
  readonly visits?: F64;
}

/** What `tabularQ` and `linearQ` know: plain data at rest. `structuredClone` copies it. */
export interface LinearState {
  /** What each group knows. */
  readonly groups: Readonly<Record<string, LinearRole>>;
  /** Updates made so far. */
  readonly updates: number;
  /** How many times `targetEvery` environment steps had passed when the targets last moved. */
  readonly periods: number;
}

/** All values begin at zero. */
export const zeroState = (crews: readonly LinearCrew[], config: LinearConfig): LinearState => {
  const groups = crews.map((crew): [string, LinearRole] => {
    const shape = [config.double ? 2 : 1, crew.slots, crew.choices, crew.features.size];
    const zeros = (): F64 => ndarray(new Float64Array(shape.reduce((a, b) => a * b, 1)), [...shape]);
    return [crew.name, { weights: zeros(), target: zeros(), ...(crew.table && { visits: zeros() }) }];
  });
  return { groups: Object.fromEntries(groups), updates: 0, periods: 0 };
};

/** Throws a TypeError for a state that an update has consumed; marks this one as consumed. */
export const consume = (where: string, state: LinearState): void => {
  if (Number.isNaN(state.updates)) {
    throw new TypeError(
      `${where}: expected a state that no update has consumed, got one that was (structuredClone a state to keep it)`,
    );
  }
  (state as { updates: number }).updates = NaN;
};
