import type { Groups } from './env.js';
import type { Batch, Learner, Mode, Rollout, Updated } from './learn.js';
import { isPromise } from './loops/collect.js';
import { requirePart } from './require.js';
import { rng as seeded } from './rng.js';
import { outlineDiffers, outlineOf, type Outline } from './state-outline.js';
import { show } from './vectorize/space-value.js';

/** What learners learn from, by name. */
export interface Experiences<G extends Groups> {
  /** In any order: what `offPolicy` draws from a buffer. */
  readonly rows: Batch<G>;
  /** In the order of time: what `onPolicy` collects, and `sequenceReplay` draws. */
  readonly rollout: Rollout<G>;
}

const kinds = {
  rows: ['groups', 'rows, which offPolicy draws from a buffer such as replay'],
  rollout: ['batch', 'a rollout, which onPolicy collects and sequenceReplay draws'],
} as const;
const modes: readonly unknown[] = ['explore', 'exploit'] satisfies Mode[];

/**
 * A learner that refuses, with a TypeError that names it, what it cannot use: a seed in place of a stream, a mode that
 * there is not, the experience of another loop, and a state whose carries are laid out otherwise than its own (other
 * settings, other groups, another learner; seen by one more call of `init`, when the first state comes that it has not made
 * itself), before anything of the state is consumed. Otherwise it is the learner given. `name` stands in messages;
 * `learnsFrom` is `'rows'` for `offPolicy`, `'rollout'` for `onPolicy`.
 *
 * ```ts
 * export const mine = <const G extends Groups>(groups: G) =>
 *   defineLearner('mine', 'rows', { init, policies, update } satisfies Learner<G, MyState, Batch<G>>);
 * ```
 */
export const defineLearner = <G extends Groups, S, K extends keyof Experiences<G>>(
  name: string,
  learnsFrom: K,
  learner: Learner<G, S, Experiences<G>[K]>,
): Learner<G, S, Experiences<G>[K]> => {
  const [member, wanted] = kinds[learnsFrom];
  const named = (experience: unknown): string => {
    const found = Object.values(kinds).find(([mark]) => Object.hasOwn(Object(experience) as object, mark));
    return found ? found[1] : show(experience);
  };
  const own = new WeakSet<object>();
  const made = (state: S): S => {
    if (typeof state === 'object' && state !== null) own.add(state);
    return state;
  };
  let outline: Outline | false | undefined;
  const requireState = (where: string, state: S): void => {
    if (typeof state === 'object' && state !== null && own.has(state)) return;
    outline ??= outlineOf(learner.init(seeded(0))) ?? false;
    const wrong = outline && outlineDiffers(outline, state);
    if (typeof wrong === 'string') {
      throw new TypeError(
        `${name}.${where}: expected a state of this learner, made with the same settings for the same groups; ${wrong}`,
      );
    }
    made(state);
  };
  return {
    ...learner,
    init(rng) {
      requirePart(`${name}.init`, 'rng', rng);
      return made(learner.init(rng));
    },
    policies(state, mode) {
      if (!modes.includes(mode)) {
        throw new TypeError(`${name}.policies: expected mode to be 'explore' or 'exploit', got ${show(mode)}`);
      }
      requireState('policies', state);
      return learner.policies(state, mode);
    },
    ...(learner.acting !== undefined && {
      acting(state: S) {
        requireState('acting', state);
        return learner.acting!(state);
      },
    }),
    update(state, experience, rng, clock) {
      if (!(member in experience)) {
        throw new TypeError(`${name}.update: expected ${wanted}, got ${named(experience)}`);
      }
      requireState('update', state);
      const updating = learner.update(state, experience, rng, clock);
      const keep = (updated: Updated<S>): Updated<S> => (made(updated[0]), updated);
      return isPromise(updating) ? updating.then(keep) : keep(updating);
    },
  };
};
