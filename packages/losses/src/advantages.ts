/** What a rollout says about the worth of its rows. Letters: T steps, E environments, N agents; row-major [T, E, N]. */
export interface Worth {
  /** [T, E, N] */
  readonly reward: ArrayLike<number>;
  /** [T, E, N]; 0 where the future is worth nothing. */
  readonly discount: ArrayLike<number>;
  /** [T, E]; 1 where the row ended its episode. Truncated: `last` with discount 1. */
  readonly last: ArrayLike<number>;
  /** [T, E, N]; V(s_t), in the units of the reward. */
  readonly value: ArrayLike<number>;
  /** [T, E, N]; V of the true successor: of the final observation where an episode ended, not of what a reset gave. */
  readonly nextValue: ArrayLike<number>;
  /** E·N: numbers in one step. */
  readonly columns: number;
  /** N. */
  readonly agents: number;
  /** γ, discount of rewards. */
  readonly gamma: number;
  /**
   * What becomes of a row at which a clock cut the episode: `bootstrap` values what would have come (Pardo et al. 2018);
   * `terminate` takes the cut for an end (the MAPPO code on its particle world); `discard` makes the row say nothing, with
   * advantage 0 (the same code and HARL with "proper time limits", which do not have the final observation). The last two
   * are there to reproduce published runs.
   */
  readonly truncation?: 'bootstrap' | 'terminate' | 'discard';
}

/** Goes back in time; `rowAt` gives the number that row i hands on to the row before it in its episode. */
const backwards = (
  { columns, agents, last, discount, truncation = 'bootstrap', reward }: Worth,
  rowAt: (i: number, later: number | undefined, future: number, discarded: boolean) => number,
): void => {
  const later = new Float64Array(columns);
  const steps = reward.length / columns;
  for (let t = steps - 1; t >= 0; t--) {
    for (let c = 0; c < columns; c++) {
      const i = t * columns + c;
      const ended = last[Math.floor(i / agents)] !== 0;
      const truncated = ended && discount[i] !== 0;
      const future = truncated && truncation !== 'bootstrap' ? 0 : discount[i]!;
      const known = ended || t === steps - 1 || future === 0 ? undefined : later[c];
      later[c] = rowAt(i, known, future, truncated && truncation === 'discard');
    }
  }
};

/**
 * Generalised advantage estimation. Schulman et al. 2016, eq. 11 to 16: δ_t = r_t + γ d_t V(s_{t+1}) − V(s_t),
 * A_t = δ_t + γλ A_{t+1} up to the end of the episode or of the rollout; `returns` A_t + V(s_t) are what the critic
 * learns. On typed arrays in double precision, before the step: [T, E, N] each. λ = 1 gives discounted returns less the
 * value, λ = 0 the one-step error.
 */
export const gae = (
  x: Worth & { readonly lambda: number },
): { readonly advantage: Float64Array; readonly returns: Float64Array } => {
  const { value, nextValue, reward, gamma, lambda } = x;
  const [advantage, returns] = [new Float64Array(reward.length), new Float64Array(reward.length)];
  backwards(x, (i, later, future, discarded) => {
    const delta = reward[i]! + gamma * future * nextValue[i]! - value[i]!;
    const own = discarded ? 0 : delta + (later === undefined ? 0 : gamma * lambda * later);
    advantage[i] = own;
    returns[i] = own + value[i]!;
    return own;
  });
  return { advantage, returns };
};

/**
 * Discounted sums of rewards up to the end of the episode, or to the end of the rollout and from there `nextValue`.
 * Sutton and Barto 2018, eq. 3.9; a discarded row returns its own value. [T, E, N]
 */
export const discountedReturns = (x: Worth): Float64Array => {
  const { reward, value, nextValue, gamma } = x;
  const returns = new Float64Array(reward.length);
  backwards(x, (i, later, future, discarded) => {
    returns[i] = discarded ? value[i]! : reward[i]! + gamma * future * (later ?? nextValue[i]!);
    return returns[i];
  });
  return returns;
};

/**
 * (A − mean) / (deviation + ε) with the mean and the population deviation of the rows that are `active`, applied to all
 * rows. ε = 1e-5 as in HARL and the MAPPO code. All [B].
 */
export const normalised = (
  advantage: ArrayLike<number>,
  active: ArrayLike<number>,
  options: { readonly epsilon?: number; readonly sample?: boolean } = {},
): Float64Array => {
  const { epsilon = 1e-5, sample = false } = options;
  const rows = advantage.length;
  let [count, sum, squares] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    if (active[i] === 0) continue;
    count += 1;
    sum += advantage[i]!;
  }
  const mean = sum / Math.max(1, count);
  for (let i = 0; i < rows; i++) if (active[i] !== 0) squares += (advantage[i]! - mean) ** 2;
  const scale = 1 / (Math.sqrt(squares / Math.max(1, count - (sample ? 1 : 0))) + epsilon);
  return Float64Array.from({ length: rows }, (_, i) => (advantage[i]! - mean) * scale);
};
