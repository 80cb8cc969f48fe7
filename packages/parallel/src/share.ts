import {
  copyInto,
  rng as seeded,
  type Groups,
  type JointAction,
  type JointObservation,
  type MaybePromise,
  type Rng,
  type Scene,
  type VecEnv,
  type VecStep,
} from '@troupe/core';
import ndarray from 'ndarray';
import { actionShape, arraysIn, type FrameArrays, type Plan } from './shared-arrays.js';
import { shiftedRng } from './shifted-rng.js';

/** The environments that one thread steps; what they hand out goes into the shared arrays. */
export interface Share {
  reset(rng: Rng, side: 0 | 1): JointObservation<Groups>;
  /** Steps with the actions in the shared arrays. */
  step(side: 0 | 1): void;
  save(): unknown;
  load(saved: unknown, side: 0 | 1): JointObservation<Groups>;
  /** `e` counts from the first environment of the share. */
  render(e: number): Scene;
  close(): void;
}

/** Refuses what only answers later: threads wait for each other. */
const atOnce = <T extends object>(what: string, value: MaybePromise<T>): T => {
  if ('then' in value) throw new TypeError(`parallel: expected '${what}' to answer at once, got a promise`);
  return value;
};

const writeFrame = (names: readonly string[], seen: JointObservation<Groups>, to: FrameArrays): void => {
  for (let g = 0; g < names.length; g++) {
    const group = seen[names[g]!]!;
    copyInto(to.observation[g]!, 0, group.observation);
    copyInto(to.active[g]!, 0, group.active);
    if (group.legal) copyInto(to.legal[g]!, 0, group.legal);
    if (g === 0 && group.state) copyInto(to.state, 0, group.state);
  }
};

/** Environments [first, first + count) of a plan, stepped by `env`. */
export const shareOf = (
  env: VecEnv<Groups>,
  memory: SharedArrayBuffer,
  plan: Plan,
  first: number,
  count: number,
): Share => {
  const names = Object.keys(plan.groups);
  const { sets, actions } = arraysIn(memory, plan, first, count);
  const taken = Object.fromEntries(
    names.map((name, g) => [name, ndarray(actions[g]!, [...actionShape(plan, name, count)])]),
  ) as JointAction<Groups>;

  const writeStep = ({ next, current, reward, discount, last }: VecStep<Groups>, side: 0 | 1): void => {
    const to = sets[side];
    writeFrame(names, next, to.next);
    writeFrame(names, current, to.current);
    for (let g = 0; g < names.length; g++) {
      copyInto(to.reward[g]!, 0, reward[names[g]!]!);
      copyInto(to.discount[g]!, 0, discount[names[g]!]!);
    }
    to.last.set(last);
  };
  const show = (seen: JointObservation<Groups>, side: 0 | 1): JointObservation<Groups> => {
    writeFrame(names, seen, sets[side].current);
    return seen;
  };

  return {
    reset: (rng, side) => show(atOnce('reset', env.reset(shiftedRng(rng, first))), side),
    step: (side) => writeStep(atOnce('step', env.step(taken)), side),
    save: () => env.save!(),
    load: (saved, side) => show(env.load!(saved), side),
    render: (e) => env.render!(e),
    close: () => env.close?.(),
  };
};

/** A stream at a position. */
export const streamAt = (state: ReturnType<Rng['save']>): Rng => {
  const stream = seeded(0);
  stream.load(state);
  return stream;
};
