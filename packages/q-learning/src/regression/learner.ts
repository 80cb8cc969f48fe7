import type { Clock, F32, Metrics, MaybePromise, Rng, Updated } from '@troupe/core';
import { isPromise, type AtRest, type Runtime, type Step, type Tree } from '@troupe/runtime';
import { moveTargets } from './move-targets.js';
import { followsAlways, targetClock, type TargetSettings, type UpdateTime } from '../target-clock.js';
import type { ValueState } from './types.js';

/** The `update` of a learner of values: reads the experience X, runs the step, counts, reports. */
export const valueUpdate = <C extends Tree, I extends Tree, O extends Tree, X>(options: {
  readonly name: string;
  readonly runtime: Runtime;
  readonly step: Step<C, I, O>;
  readonly target: TargetSettings;
  readonly read: (experience: X, rng: Rng, at: UpdateTime) => AtRest<I>;
  /** Metrics, and the size of the error of every row. */
  readonly report: (output: AtRest<O>, experience: X) => readonly [metrics: Metrics, error: F32];
}): ((state: ValueState<C>, experience: X, rng: Rng, clock: Clock) => MaybePromise<Updated<ValueState<C>>>) => {
  const { runtime, step, name, read, report } = options;
  const compiled = runtime.compile(step, { name: `${name} update` });
  const timeAfter = targetClock(options.target);
  const always = followsAlways(options.target);
  return (state, experience, rng, clock) => {
    const at = timeAfter(state, clock);
    const { updates, periods } = at;
    const done = ({ carry, output }: Awaited<ReturnType<typeof compiled.run>>): Updated<ValueState<C>> => {
      if (at.move > 0 && !always) moveTargets(carry, at.move);
      return [{ carry, updates, periods }, ...report(output, experience)];
    };
    const running = compiled.run(state.carry, read(experience, rng, at));
    return isPromise(running) ? running.then(done) : done(running);
  };
};
