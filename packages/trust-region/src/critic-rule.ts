import type { Groups, Rng, Rollout } from '@troupe/core';
import type { Carry, Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { inParts, partition, rowTaker, stepsPerCall } from './columns.js';
import { CRITIC_METRICS, criticStep } from './critic-step.js';
import type { CriticUnit } from './critics.js';
import { startedOf, type UnitRows } from './experience.js';
import { sequenceOrder } from './sequences.js';
import type { CommonConfig } from './settings.js';
import type { CriticCarry } from './types.js';
import type { Valued } from './values.js';

/** One critic learns the returns of a rollout: passes over minibatches; those of a pass are one call. */
export const criticRule = (unit: CriticUnit, config: CommonConfig, runtime: Runtime) => {
  const { criticEpochs: epochs, minibatches: parts } = config;
  const together = parts === 1 ? stepsPerCall(epochs) : 1;
  const learn = runtime.compile(criticStep(unit, config, together), { name: `critic of ${unit.name}` });
  const [take, ordered] = [rowTaker(), rowTaker()];
  const { sequenceLength: length, views } = unit;
  return async (
    start: Carry<CriticCarry>,
    rollout: Rollout<Groups>,
    { rows, weight }: UnitRows,
    { returns, old, recalled }: Valued,
    { rng, rate }: { readonly rng: Rng; readonly rate: number },
  ) => {
    const shape = [weight.length / unit.columns, unit.columns];
    const inOrder = {
      rows: recalled ? { ...rows, memory: recalled.before, started: startedOf(rollout, views) } : rows,
      returns: ndarray(Float32Array.from(returns), shape),
      old: ndarray(Float32Array.from(old), shape),
      weight: ndarray(weight, shape),
    };
    const all = recalled ? ordered(inOrder, sequenceOrder(shape[0]!, rollout.numEnvs, length)) : inOrder;
    const scale = ndarray(Float32Array.of(rate), []);
    const scales = ndarray(new Float32Array(parts).fill(rate), [parts]);
    const sums = CRITIC_METRICS.map(() => 0);
    const passes: number[][] = [];
    let carry = start;
    for (let epoch = 0; epoch < epochs; epoch += together) {
      let data: ArrayLike<number>;
      if (parts === 1) {
        const { carry: next, output } = await learn.run(carry, { ...all, rate: scale });
        [carry, data] = [next, output.metrics.data];
      } else {
        const order = partition(shape[0]!, parts, rng, length);
        const given = { ...inParts(take(all, order), parts), rate: scales };
        const { carry: next, outputs } = await learn.scan(carry, given);
        [carry, data] = [next, outputs.metrics.data];
      }
      for (let at = 0; at < data.length; at += sums.length) {
        passes.push(sums.map((_, i) => data[at + i]!));
      }
    }
    for (const pass of passes) pass.forEach((x, i) => (sums[i]! += x / passes.length));
    return {
      carry,
      metrics: Object.fromEntries(CRITIC_METRICS.map((name, i) => [name, sums[i]!])),
      report: {
        passes: passes.map((pass) => Object.fromEntries(CRITIC_METRICS.map((name, i) => [name, pass[i]!]))),
      },
    };
  };
};
