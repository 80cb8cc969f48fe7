import type { Batch, F32, Groups, Metrics } from '@troupe/core';
import type { AtRest } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { CrewSizes } from './crew.js';
import type { DqnOutput } from './types.js';

/** What an update says about itself. `error` [B]: size of the error of a row, averaged over its active agents. */
export type Report = readonly [metrics: Metrics, error: F32];

const mean = (data: Float32Array, from: number, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += data[from + i]!;
  return sum / n;
};

/** Reads what a step put out. The error array is kept and used again. */
export const reportReader = (crews: readonly CrewSizes[]) => {
  let [error, living] = [new Float32Array(0), new Float32Array(0)];
  let view: F32 = ndarray(error, [0]);
  const sized = (moments: number): void => {
    if (error.length === moments) return;
    [error, living] = [new Float32Array(moments), new Float32Array(moments)];
    view = ndarray(error, [moments]);
  };

  return (output: AtRest<DqnOutput>, batch: Batch<Groups>, counted?: Uint8Array): Report => {
    const data = output.report.data as Float32Array;
    const moments = batch.last.length;
    sized(moments);
    error.fill(0);
    living.fill(0);
    const metrics: Record<string, number> = { loss: 0, gradNorm: 0, value: 0, error: 0 };
    let at = 0;
    for (const { name, slots, copies, served } of crews) {
      const { active } = batch.groups[name]!;
      const each = moments * slots;
      const rows = each / copies;
      let [values, errors, count] = [0, 0, 0];
      for (let c = 0; c < copies; c++) {
        for (let r = 0; r < rows; r++) {
          const moment = (r / served) | 0;
          if (counted?.[moment] === 0) continue;
          if (active.get(moment, c * served + (r - moment * served)) === 0) continue;
          const size = Math.abs(data[at + c * rows + r]!);
          error[moment]! += size;
          living[moment]! += 1;
          errors += size;
          values += data[at + each + c * rows + r]!;
          count += 1;
        }
      }
      at += 2 * each;
      const own = {
        loss: mean(data, at, copies),
        gradNorm: mean(data, at + copies, copies),
        value: values / Math.max(count, 1),
        error: errors / Math.max(count, 1),
      };
      at += 2 * copies;
      for (const [key, x] of Object.entries(own)) {
        metrics[key]! += x / crews.length;
        if (crews.length > 1) metrics[`${name}/${key}`] = x;
      }
    }
    for (let b = 0; b < moments; b++) error[b]! /= Math.max(living[b]!, 1);
    return [metrics, view];
  };
};
