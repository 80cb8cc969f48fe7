import type { Batch, Clock, F32, Groups, Learner, Metrics, Rng, Updated } from '@troupe/core';
import { isPromise, type AtRest, type Runtime, type Step } from '@troupe/runtime';
import { targetClock, type TargetSettings } from '../target-clock.js';
import type { inputReader } from './input.js';
import type { ValueCarry, ValueInput, ValueOutput, ValueState } from './types.js';

/** The `update` of a learner of values: reads the rows, runs the step, counts, reports. */
export const valueUpdate = <G extends Groups>(options: {
  readonly name: string;
  readonly runtime: Runtime;
  readonly step: Step<ValueCarry, ValueInput, ValueOutput>;
  readonly read: ReturnType<typeof inputReader>;
  readonly report: (data: Float32Array) => Metrics;
  readonly target: TargetSettings;
}): Learner<G, ValueState, Batch<G>>['update'] => {
  const { runtime, step, name, read, report } = options;
  const compiled = runtime.compile(step, { name: `${name} update` });
  const timeAfter = targetClock(options.target);
  return (state: ValueState, batch: Batch<G>, rng: Rng, clock: Clock) => {
    const at = timeAfter(state, clock);
    const { updates, periods } = at;
    const done = ({
      carry,
      output,
    }: {
      readonly carry: ValueState['carry'];
      readonly output: AtRest<ValueOutput>;
    }): Updated<ValueState> => [
      // prettier-ignore
      { carry, updates, periods },
      report(output.metrics.data as Float32Array),
      output.error as F32,
    ];
    const running = compiled.run(state.carry, read(batch, rng, at, clock));
    return isPromise(running) ? running.then(done) : done(running);
  };
};
