import type { Discrete, Group } from '@troupe/core';

/** The joint actions of one group: N agents with A choices each, J = Aᴺ; the first agent's choice counts most. */
export interface JointActions {
  readonly slots: number;
  readonly choices: number;
  /** J */
  readonly count: number;
  /** [J, N]: every agent's choice in every joint action, row-major. */
  readonly table: Int32Array;
}

/** All joint actions of a group. Throws a RangeError that names `where` for more than `limit`. */
export const jointActionsOf = (
  where: string,
  name: string,
  { action }: Group<readonly string[] | { readonly max: number }, Group['observation'], Discrete>,
  slots: number,
  limit: number,
): JointActions => {
  if (action.kind !== 'discrete') {
    throw new RangeError(`${where}: expected group '${name}' to make one choice of n (discrete), got ${(action as { kind: string }).kind}`); // prettier-ignore
  }
  const count = action.n ** slots;
  if (count > limit) {
    throw new RangeError(
      `${where}: expected at most ${limit} joint actions, got ${count} (${slots} agents with ${action.n} choices each) in group '${name}'; decompose the value (vdn, qmix), or raise the limit`,
    );
  }
  const table = new Int32Array(count * slots);
  for (let j = 0; j < count; j++) {
    for (let i = slots - 1, rest = j; i >= 0; i--) {
      table[j * slots + i] = rest % action.n;
      rest = Math.floor(rest / action.n);
    }
  }
  return { slots, choices: action.n, count, table };
};

/**
 * Which joint actions are permitted: those whose every choice is, and in which agents that are not active choose 0, as
 * nobody looks at them. An active agent for whom nothing is permitted may do anything. `active` [rows, N] and `legal`
 * [rows, N, A] row-major; writes [rows, J].
 */
export const writeJointLegal = (
  { slots, choices, count, table }: JointActions,
  rows: number,
  active: Uint8Array,
  legal: Uint8Array | undefined,
  out: Uint8Array,
): void => {
  const free = new Uint8Array(slots);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < slots; i++) {
      let permitted = 0;
      if (legal) for (let a = 0; a < choices; a++) permitted += legal[(r * slots + i) * choices + a]!;
      free[i] = permitted === 0 ? 1 : 0;
    }
    for (let j = 0; j < count; j++) {
      let fits = 1;
      for (let i = 0; i < slots && fits === 1; i++) {
        const a = table[j * slots + i]!;
        const at = r * slots + i;
        if (active[at] === 0) fits = a === 0 ? 1 : 0;
        else if (free[i] === 0) fits = legal![at * choices + a]!;
      }
      out[r * count + j] = fits;
    }
  }
};
