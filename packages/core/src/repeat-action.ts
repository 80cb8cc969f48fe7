import type { Actions, Env, Group, Groups, Rewards, Step } from './env.js';
import { sizeOf } from './space.js';
import { mapGroups } from './vec.js';
import { passOn } from './wrappers.js';

type Action = number | ArrayLike<number>;
type ByAgent<V> = Readonly<Record<string, Readonly<Record<string, V | undefined>>>>;

/** Whether every choice of this action is still permitted. */
const permits = ({ action: space }: Group, action: Action, mask: ArrayLike<number>): boolean => {
  if (space.kind === 'box') return true;
  if (space.kind === 'discrete') return mask[action as number] === 1;
  const counts = space.kind === 'hybrid' ? space.choices.counts : space.counts;
  const from = sizeOf(space) - counts.length;
  let first = 0;
  return counts.every((n, head) => {
    const at = first + (action as ArrayLike<number>)[from + head]!;
    first += n;
    return mask[at] === 1;
  });
};

/**
 * Takes each action `times` times and adds up the rewards ("frame skip"). The repetition ends early where the episode
 * ends, where someone is born (who has no action yet) and where an action would no longer be legal. Throws a RangeError
 * unless `times` is an integer >= 1.
 */
export const repeatAction = (times: number) => {
  if (!Number.isInteger(times) || times < 1) {
    throw new RangeError(`repeatAction: expected an integer >= 1, got ${String(times)}`);
  }
  return <G extends Groups>(env: Env<G>): Env<G> => {
    const names = Object.keys(env.groups);

    const mayRepeat = (actions: ByAgent<Action>, seen: ByAgent<unknown>): boolean => {
      const masks = env.legal?.() as ByAgent<ArrayLike<number>> | undefined;
      return names.every((name) =>
        Object.keys(seen[name]!).every((id) => {
          if (seen[name]![id] === undefined) return true;
          const action = actions[name]![id];
          const mask = masks?.[name]?.[id];
          return action !== undefined && (mask === undefined || permits(env.groups[name]!, action, mask));
        }),
      );
    };

    /** The dead of a population act no more; a fixed cast is handed everyone's action, as always. */
    const ofTheLiving = (actions: ByAgent<Action>, seen: ByAgent<unknown>) =>
      mapGroups(env.groups, ({ agents }, name) =>
        'max' in agents
          ? Object.fromEntries(Object.entries(actions[name]!).filter(([id]) => seen[name]![id] !== undefined))
          : actions[name]!,
      );

    const add = (sums: Record<string, Record<string, number>>, rewards: ByAgent<number>): void => {
      for (const name of names) {
        const own = (sums[name] ??= {});
        for (const [id, reward] of Object.entries(rewards[name]!)) {
          if (reward !== undefined) own[id] = (own[id] ?? 0) + reward;
        }
      }
    };

    return {
      ...passOn(env),
      step(actions): Step<G> {
        const sums: Record<string, Record<string, number>> = {};
        let given = actions as ByAgent<Action>;
        for (let k = 1; ; k++) {
          const step = env.step(given as Actions<G>);
          add(sums, step.rewards);
          const seen = step.observations as ByAgent<unknown>;
          if (k === times || step.terminated || step.truncated || !mayRepeat(given, seen)) {
            return { ...step, rewards: sums as Rewards<G> };
          }
          given = ofTheLiving(given, seen);
        }
      },
    };
  };
};
