/** Who plays: A_i choices of player i; joint actions are counted row-major, the first player's choice counting most. */
export interface Players {
  /** [n] */
  readonly choices: readonly number[];
  /** J */
  readonly joint: number;
  /** [J, n] */
  readonly table: Int32Array;
  /** Where the counts of player i begin in a state's [Σ A_i]. */
  readonly offsets: readonly number[];
  /** Σ A_i */
  readonly total: number;
}

/** Players by their numbers of choices. */
export const playersOf = (choices: readonly number[]): Players => {
  const joint = choices.reduce((a, b) => a * b, 1);
  const table = new Int32Array(joint * choices.length);
  for (let j = 0; j < joint; j++) {
    for (let i = choices.length - 1, rest = j; i >= 0; i--) {
      table[j * choices.length + i] = rest % choices[i]!;
      rest = Math.floor(rest / choices[i]!);
    }
  }
  let total = 0;
  const offsets = choices.map((n) => (total += n) - n);
  return { choices, joint, table, offsets, total };
};

/**
 * What player i expects of its choices in one state: Σ over the others' choices of Q(joint) Π P̂_j(a_j), P̂ their observed
 * frequencies. Claus and Boutilier 1998, section 3. `q` [J] from `at` on, `counts` [Σ A_i] from `from` on; writes [A_i].
 */
export const expectedValues = (
  { choices, joint, table, offsets }: Players,
  i: number,
  q: Float64Array,
  at: number,
  counts: Float64Array,
  from: number,
  out: Float64Array,
): void => {
  const n = choices.length;
  out.fill(0, 0, choices[i]);
  for (let j = 0; j < joint; j++) {
    let probability = 1;
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      let seen = 0;
      for (let a = 0; a < choices[k]!; a++) seen += counts[from + offsets[k]! + a]!;
      // Nothing seen and no prior: anything may come.
      probability *= seen > 0 ? counts[from + offsets[k]! + table[j * n + k]!]! / seen : 1 / choices[k]!;
    }
    out[table[j * n + i]!]! += probability * q[at + j]!;
  }
};
