import type { Group } from '../env.js';
import type { Clock } from '../learn.js';
import type { Rng } from '../rng.js';
import { boundOf, choicesOf, sizeOf, type Box } from '../space.js';
import { slotsOf } from '../vec.js';
import { headOf } from './head.js';

/** Adds exploration to the actions in place. Memory between steps, if any, is its own. */
export interface Explore {
  /** `action` is [E, N, ...action] and `legal` [E, N, A], 1 where a choice is permitted; both row-major. */
  perturb(
    action: Float32Array | Int32Array,
    numEnvs: number,
    legal: Uint8Array | undefined,
    rng: Rng,
    clock: Clock,
  ): void;
  /**
   * For exploration that puts actions in place of others, whatever these are: draws them before the others are known, and
   * says whether it replaces all, so that nobody needs to work those out. Always followed by `perturb` of the same rows,
   * which then draws nothing.
   */
  replaces?(numEnvs: number, legal: Uint8Array | undefined, rng: Rng, clock: Clock): boolean;
  /** Forgets the environments flagged 1, [E]: a new episode begins there. Left out without memory. */
  begin?(started: Uint8Array): void;
  /** The memory between steps, as plain data. */
  save?(): unknown;
  /** Continues from what `save` returned. */
  load?(saved: unknown): void;
}

/** A number that changes in the course of a run. */
export type Schedule = (clock: Clock) => number;

/** From `from` to `to` in a straight line over the first `fraction` of a run (default all of it), then constant. */
export const linearSchedule =
  (from: number, to: number, fraction = 1): Schedule =>
  ({ steps, total }) =>
    from + (to - from) * Math.min(1, steps / (fraction * total));

/**
 * With probability ε a uniform legal choice in place of each agent's own, drawn for every choice of an action by itself.
 * Sutton and Barto 2018, section 2.2. Throws a RangeError for actions with real numbers.
 */
export const epsilonGreedy = (group: Group, epsilon: Schedule): Explore => {
  const counts = headOf(group.action).map((part) => {
    if (part.kind === 'choice') return part.n;
    throw new RangeError(`epsilonGreedy: expected an action of choices alone, got ${group.action.kind}`);
  });
  const [slots, choices] = [slotsOf(group.agents), choicesOf(group.action)];
  const choose = (n: number, legal: Uint8Array | undefined, mask: number, rng: Rng): number => {
    if (legal === undefined) return rng.int(n);
    let permitted = 0;
    for (let i = 0; i < n; i++) permitted += legal[mask + i]!;
    if (permitted === 0) return 0; // a dead agent, whose action is ignored
    let rank = rng.int(permitted);
    for (let i = 0; ; i++) if (legal[mask + i] === 1 && rank-- === 0) return i;
  };
  /** A uniform choice, or -1 where the agent's own stands. */
  let drawn = new Int32Array(0);
  let waiting = false;
  const replaces: NonNullable<Explore['replaces']> = (numEnvs, legal, rng, clock) => {
    const size = numEnvs * slots * counts.length;
    if (drawn.length !== size) drawn = new Int32Array(size);
    const chance = epsilon(clock);
    let own = 0;
    for (let row = 0, at = 0; row < numEnvs * slots; row++) {
      let mask = row * choices;
      for (let part = 0; part < counts.length; part++) {
        const n = counts[part]!;
        const replaced = rng.uniform() < chance;
        drawn[at++] = replaced ? choose(n, legal, mask, rng) : -1;
        if (!replaced) own += 1;
        mask += n;
      }
    }
    waiting = true;
    return own === 0;
  };
  return {
    replaces,
    perturb(action, numEnvs, legal, rng, clock) {
      if (!waiting) replaces(numEnvs, legal, rng, clock);
      waiting = false;
      for (let at = 0; at < drawn.length; at++) if (drawn[at]! >= 0) action[at] = drawn[at]!;
    },
  };
};

const boxOf = (group: Group): Box | undefined =>
  group.action.kind === 'box' ? group.action : group.action.kind === 'hybrid' ? group.action.box : undefined;

/** What noise on real numbers adds to one of them: `at` counts the real numbers of all rows. */
type Increment = (at: number, rng: Rng) => number;

/** Adds noise, in half ranges of the action times a scale, to the real part of a group's actions, and clips to the bounds. */
const additive = (group: Group, scale: Schedule, increment: Increment): Explore['perturb'] => {
  const box = boxOf(group);
  const [slots, width, reals] = [slotsOf(group.agents), sizeOf(group.action), box ? sizeOf(box) : 0];
  const lows = Float64Array.from({ length: reals }, (_, i) => boundOf(box!.low, i));
  const highs = Float64Array.from({ length: reals }, (_, i) => boundOf(box!.high, i));
  return (action, numEnvs, _legal, rng, clock) => {
    const now = scale(clock);
    for (let row = 0; row < numEnvs * slots; row++) {
      for (let i = 0; i < reals; i++) {
        const [low, high] = [lows[i]!, highs[i]!];
        const at = row * width + i;
        const value = action[at]! + (increment(row * reals + i, rng) * now * (high - low)) / 2;
        action[at] = Math.min(high, Math.max(low, value));
      }
    }
  };
};

/** Normal noise on the real part of a group's actions, clipped to their bounds; `scale` is in half ranges of the action. */
export const gaussianNoise = (group: Group, scale: Schedule): Explore => ({
  perturb: additive(group, scale, (_at, rng) => rng.normal()),
});

/** Uhlenbeck and Ornstein 1930, as DDPG uses it (Lillicrap et al. 2016): dx = −θ x + σ N(0, 1) per step. */
const OU_THETA = 0.15;
const OU_SIGMA = 0.2;

/** Correlated noise on the real part of a group's actions, at rest where an episode begins. Otherwise as `gaussianNoise`. */
export const ornsteinUhlenbeckNoise = (group: Group, scale: Schedule): Explore => {
  const box = boxOf(group);
  const one = slotsOf(group.agents) * (box ? sizeOf(box) : 0);
  let memory = new Float64Array(0);
  const add = additive(group, scale, (at, rng) => {
    const x = memory[at]!;
    return (memory[at] = x - OU_THETA * x + OU_SIGMA * rng.normal());
  });
  return {
    perturb(action, numEnvs, legal, rng, clock) {
      if (memory.length !== numEnvs * one) memory = new Float64Array(numEnvs * one);
      add(action, numEnvs, legal, rng, clock);
    },
    begin(started) {
      started.forEach((flag, e) => {
        if (flag === 1) memory.fill(0, e * one, (e + 1) * one);
      });
    },
    save: () => memory.slice(),
    load: (saved) => {
      memory = Float64Array.from(saved as Float64Array);
    },
  };
};
