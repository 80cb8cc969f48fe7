import ndarray from 'ndarray';
import type { Group, Groups } from './env.js';
import { isPromise } from './loops/collect.js';
import { box, boundOf, choicesOf, hybrid, multiDiscrete, sizeOf, type Box, type Space } from './space.js';
import { copyInto, elements, hasShape } from './strided.js';
import {
  emptyAction,
  emptyActions,
  slotsOf,
  type GroupAction,
  type GroupObservation,
  type JointObservation,
  type VecEnv,
  type VecStep,
} from './vec.js';

/** One agent, `controller`, that sees and acts for all. */
export type ControllerGroups = { readonly controller: Group<readonly ['controller']> };

/** What a space is made of. */
const numbersOf = (space: Space): Box | undefined =>
  space.kind === 'box' ? space : space.kind === 'hybrid' ? space.box : undefined;
const countsOf = (space: Space): readonly number[] =>
  space.kind === 'discrete'
    ? [space.n]
    : space.kind === 'multiDiscrete'
      ? space.counts
      : space.kind === 'hybrid'
        ? space.choices.counts
        : [];

/** Spaces side by side, real numbers before choices, and where in it the numbers of each of them are. */
const sideBySide = (spaces: readonly Space[]): { readonly space: Space; readonly places: readonly Int32Array[] } => {
  const components = (of: 'low' | 'high') =>
    spaces.flatMap((space) => {
      const numbers = numbersOf(space);
      return numbers ? Array.from({ length: sizeOf(numbers) }, (_, i) => boundOf(numbers[of], i)) : [];
    });
  const [low, high, counts] = [components('low'), components('high'), spaces.flatMap(countsOf)];
  let [number, choice] = [0, low.length];
  const places = spaces.map((space) => {
    const [n, all] = [sizeOf(space) - countsOf(space).length, sizeOf(space)];
    return Int32Array.from({ length: all }, (_, i) => (i < n ? number++ : choice++));
  });
  const numbers = low.length > 0 ? box([low.length], { low, high }) : undefined;
  if (!numbers) return { space: multiDiscrete(...counts), places };
  return { space: counts.length > 0 ? hybrid(numbers, multiDiscrete(...counts)) : numbers, places };
};

/** One slot of a group: where it is, what it sees and does, and how long rows of that are. */
interface Seat {
  readonly name: string;
  readonly group: Group;
  readonly slot: number;
  readonly slots: number;
  readonly size: number;
  readonly choices: number;
  /** The first choice of each head. */
  readonly firsts: readonly number[];
}
const seatsOf = (groups: Groups): readonly Seat[] =>
  Object.entries(groups).flatMap(([name, group]) => {
    const slots = slotsOf(group.agents);
    const counts = countsOf(group.action);
    const firsts = counts.map((_, head) => counts.slice(0, head).reduce((a, b) => a + b, 0));
    const rows = { size: sizeOf(group.observation), choices: choicesOf(group.action), firsts };
    return Array.from({ length: slots }, (_, slot) => ({ name, group, slot, slots, ...rows }));
  });

/** Sets of arrays that take turns, as those of any environment: results stay valid until the step after the next one. */
const SETS = 2;

/**
 * All agents of an environment as one, `controller`, that sees what all of them see, or the environment's state, and has
 * one head for each of them: π(a|s) = Π πⁱ(aⁱ|s). With PPO or TRPO this is fully factored central control, which meets one
 * ratio for the joint action, clipped once. It cannot be acted on by agents that see only their own part: an upper
 * baseline. Groups may differ in what they see and do: real numbers come before choices.
 *
 * The controller's reward is the mean of those of the living, its future is worth something as long as anyone's is. The
 * dead have one choice, the first, so that their part of a joint probability is 1; what their real numbers are is noise.
 *
 * ```ts
 * const env = asOneAgent(simpleSpeakerListener({ numEnvs: 32 }));
 * const learner = ppo(env.groups, { runtime });
 * ```
 *
 * Throws a RangeError for any other `sees`, and with `sees: 'state'` for environments that have no state.
 */
export const asOneAgent = <G extends Groups>(
  env: VecEnv<G>,
  options: {
    /** What the controller sees: the observations of all, side by side (default), or the environment's state. */
    readonly sees?: 'observations' | 'state';
  } = {},
): VecEnv<ControllerGroups> => {
  const { numEnvs } = env;
  const { sees = 'observations' } = options;
  if (sees !== 'observations' && sees !== 'state') {
    throw new RangeError(`asOneAgent: sees: expected 'observations' or 'state', got '${String(sees)}'`);
  }
  const usesState = sees === 'state';
  if (usesState && !env.stateSpace) {
    throw new RangeError("asOneAgent: sees: expected 'observations', as the environment has no state, got 'state'");
  }
  const seats = seatsOf(env.groups);
  const observed = sideBySide(seats.map(({ group }) => group.observation));
  const done = sideBySide(seats.map(({ group }) => group.action));
  const groups: ControllerGroups = {
    controller: {
      agents: ['controller'],
      observation: usesState ? env.stateSpace! : observed.space,
      action: done.space,
    },
  };
  const [width, acts, choices] = [sizeOf(groups.controller.observation), sizeOf(done.space), choicesOf(done.space)];

  const copy = (from: ArrayLike<number>, places: Int32Array, to: Float32Array, e: number, at: number): void => {
    for (let i = 0; i < places.length; i++) to[e * width + places[i]!] = from[at + i]!;
  };
  const observer = () => {
    const all = new Float32Array(numEnvs * width);
    const active = new Uint8Array(numEnvs);
    const legal = new Uint8Array(numEnvs * choices);
    const view: GroupObservation = {
      observation: ndarray(all, [numEnvs, 1, ...(usesState ? env.stateSpace!.shape : [width])]),
      active: ndarray(active, [numEnvs, 1]),
      ...(choices > 0 && { legal: ndarray(legal, [numEnvs, 1, choices]) }),
    };
    return (joint: JointObservation<G>): JointObservation<ControllerGroups> => {
      active.fill(0);
      if (usesState) copyInto(all, 0, Object.values<GroupObservation>(joint)[0]!.state!);
      let from = 0;
      for (const [k, { name, slot, slots, size, choices: many, firsts }] of seats.entries()) {
        const { observation, active: living, legal: masks } = joint[name]!;
        const [own, alive, permitted] = [elements(observation), elements(living), masks && elements(masks)];
        for (let e = 0; e < numEnvs; e++) {
          const row = e * slots + slot;
          if (!usesState) copy(own, observed.places[k]!, all, e, row * size);
          const lives = alive[row] !== 0;
          if (lives) active[e] = 1;
          const at = e * choices + from;
          if (!lives) {
            legal.fill(0, at, at + many);
            for (const first of firsts) legal[at + first] = 1;
          } else if (permitted) {
            for (let i = 0; i < many; i++) legal[at + i] = permitted[row * many + i]!;
          } else legal.fill(1, at, at + many);
        }
        from += many;
      }
      return { controller: view };
    };
  };

  const sets = Array.from({ length: SETS }, () => ({
    next: observer(),
    current: observer(),
    reward: ndarray(new Float32Array(numEnvs), [numEnvs, 1]),
    discount: ndarray(new Float32Array(numEnvs), [numEnvs, 1]),
  }));
  const actions = emptyActions(env.groups, numEnvs);
  let turn = 0;
  let acted: JointObservation<G> | undefined;

  const joint = emptyAction(groups.controller, numEnvs);
  const take = (given: GroupAction | undefined): void => {
    const wanted = `${joint.dtype} [${joint.shape.join(', ')}]`;
    if (given === undefined || given === null || !('stride' in given)) {
      throw new TypeError(`asOneAgent: step: expected actions of the controller, ${wanted}, got ${String(given)}`);
    }
    if (given.dtype !== joint.dtype || !hasShape(given, joint.shape)) {
      const got = `${given.dtype} [${given.shape.join(', ')}]`;
      throw new RangeError(`asOneAgent: step: expected actions of the controller, ${wanted}, got ${got}`);
    }
    copyInto(joint.data, 0, given);
    for (const [k, { name, slot, slots }] of seats.entries()) {
      const own = actions[name]!.data as Float32Array;
      const places = done.places[k]!;
      for (let e = 0; e < numEnvs; e++) {
        const at = (e * slots + slot) * places.length;
        for (let i = 0; i < places.length; i++) own[at + i] = joint.data[e * acts + places[i]!]!;
      }
    }
  };
  const give = (step: VecStep<G>): VecStep<ControllerGroups> => {
    const { next, current, reward, discount } = sets[turn]!;
    turn = (turn + 1) % SETS;
    for (let e = 0; e < numEnvs; e++) {
      let [living, sum, future] = [0, 0, 0];
      for (const { name, slot } of seats) {
        if (acted![name]!.active.get(e, slot) === 0) continue;
        living += 1;
        sum += step.reward[name]!.get(e, slot);
        future = Math.max(future, step.discount[name]!.get(e, slot));
      }
      reward.data[e] = sum / Math.max(1, living);
      discount.data[e] = future;
    }
    acted = step.current;
    return {
      next: next(step.next),
      current: current(step.current),
      reward: { controller: reward },
      discount: { controller: discount },
      last: step.last,
    };
  };
  const begin = (joint: JointObservation<G>): JointObservation<ControllerGroups> => {
    acted = joint;
    const { current } = sets[turn]!;
    turn = (turn + 1) % SETS;
    return current(joint);
  };
  return {
    groups,
    numEnvs,
    reset(rng) {
      const seen = env.reset(rng);
      return isPromise(seen) ? seen.then(begin) : begin(seen);
    },
    step({ controller }) {
      if (!acted) throw new Error('asOneAgent: step: expected reset or load to be called before');
      take(controller);
      const stepping = env.step(actions);
      return isPromise(stepping) ? stepping.then(give) : give(stepping);
    },
    ...(env.render && { render: (e: number) => env.render!(e) }),
    ...(env.save && { save: () => env.save!() }),
    ...(env.load && { load: (saved: unknown) => begin(env.load!(saved)) }),
    ...(env.close && { close: () => env.close!() }),
  };
};
