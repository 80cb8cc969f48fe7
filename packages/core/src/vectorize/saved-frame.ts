import type { FrameArrays } from '../step-arrays.js';

/** A frame as plain data. */
export interface SavedFrame {
  /** By group, [E, N, ...observation]. */
  readonly observations: readonly Float32Array[];
  /** By group, [E, N]. */
  readonly active: readonly Uint8Array[];
  /** By group, [E, N, A]; null where everything is permitted. */
  readonly legal: readonly (Uint8Array | null)[];
  /** [E, ...state]; null without one. */
  readonly state: Float32Array | null;
}

/** A copy of a frame. */
export const saveFrame = ({ observation, active, legal, state }: FrameArrays): SavedFrame => ({
  observations: observation.map((array) => array.slice()),
  active: active.map((array) => array.slice()),
  legal: legal.map((array) => array?.slice() ?? null),
  state: state?.slice() ?? null,
});

/** Throws a RangeError where the saved arrays are not as long as the frame's. */
export const loadFrame = (saved: SavedFrame, { observation, active, legal, state }: FrameArrays): void => {
  const put = (what: string, from: Float32Array | Uint8Array | null | undefined, to: typeof from): void => {
    if ((from?.length ?? 0) !== (to?.length ?? 0)) {
      throw new RangeError(`vectorize: load: ${what}: expected ${to?.length ?? 0} numbers, got ${from?.length ?? 0}`);
    }
    if (from && to) to.set(from);
  };
  observation.forEach((array, g) => put('observations', saved.observations[g], array));
  active.forEach((array, g) => put('active', saved.active[g], array));
  legal.forEach((array, g) => put('legal', saved.legal[g], array));
  put('state', saved.state, state);
};
