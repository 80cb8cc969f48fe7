import { actingPolicy, epsilonGreedy, linearSchedule, policiesOf, type Acting, type Discrete, type GroupsActing, type Mode, type Policies } from '@troupe/core'; // prettier-ignore
import type { Runtime } from '@troupe/runtime';

/** The mean weights of noisy layers, also where an ε is explored by. */
const withoutNoise =
  <S>(acting: (state: S) => Acting) =>
  (state: S): Acting => {
    const { noise: _noise, ...quiet } = acting(state);
    return quiet;
  };

/** ε-greedy policies of every group, from acting steps whose output is values of choices. */
export const greedyPolicies = <G extends GroupsActing<Discrete>, S>(options: {
  readonly name: string;
  readonly groups: G;
  readonly runtime: Runtime;
  readonly acting: Readonly<Record<string, (state: S) => Acting>>;
  /** Exploring, also answer what updates need. */
  readonly remember?: boolean;
  readonly epsilon: {
    readonly epsilonStart: number;
    readonly epsilonEnd: number;
    readonly epsilonFraction: number;
    readonly epsilonExploit: number;
  };
}): ((state: S, mode: Mode) => Policies<G, S>) => {
  const { name, groups, runtime, epsilon, remember = false } = options;
  const falling = linearSchedule(epsilon.epsilonStart, epsilon.epsilonEnd, epsilon.epsilonFraction);
  return (state, mode) => {
    const constant = mode === 'exploit' && epsilon.epsilonExploit > 0;
    const schedule = constant ? () => epsilon.epsilonExploit : falling;
    return policiesOf(groups, (group, of) => {
      const acting = options.acting[of]!;
      return actingPolicy({
        runtime,
        name: `${name} policy of ${of}`,
        group,
        state,
        mode: constant ? 'explore' : mode,
        acting: constant ? withoutNoise(acting) : acting,
        choosing: 'mode',
        explore: epsilonGreedy(group, schedule),
        remember,
      });
    });
  };
};
