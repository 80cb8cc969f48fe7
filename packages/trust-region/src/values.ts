import type { F32, Groups, Rollout } from '@troupe/core';
import { gae } from '@troupe/losses';
import { valueStatisticsAtRest } from '@troupe/networks';
import { carryOf, leavesOf, type AtRest, type Carry, type RestArray, type Runtime } from '@troupe/runtime';
import { rowTaker } from './columns.js';
import { valueStep } from './critic-step.js';
import type { CriticUnit } from './critics.js';
import type { UnitRows } from './experience.js';
import { recaller, type Recalled } from './recall.js';
import type { CommonConfig } from './settings.js';
import type { CriticCarry, CriticRows } from './types.js';

/** What a rollout is worth to a critic: [B, K] each. */
export interface Valued {
  readonly advantage: Float64Array;
  readonly returns: Float64Array;
  /** As the critic put them out, in normalised units. */
  readonly old: Float64Array;
  /** What a critic with memory remembered. */
  readonly recalled?: Recalled;
}

/** Statistics of the returns in a critic at rest; none: mean 0, deviation 1. */
export const statisticsAtRest = (carry: Carry<CriticCarry>): { readonly mean: number; readonly deviation: number } => {
  const { norm } = leavesOf(carry);
  if (!norm) return { mean: 0, deviation: 1 };
  const read = ({ data, offset }: RestArray): number => data[offset]!;
  return valueStatisticsAtRest({ mean: read(norm.mean), square: read(norm.square), debias: read(norm.debias) });
};

/** Rows that are valued in one call where only some are needed. */
const CHUNK = 64;

/** Values a rollout with a critic: V of every row and of what followed it, then advantages in original units. */
export const valuer = (unit: CriticUnit, config: CommonConfig, runtime: Runtime) => {
  const compiled = runtime.compile(valueStep(unit), { name: `values of ${unit.name}` });
  const nothing = carryOf<Record<string, never>>({});
  const take = rowTaker();
  const { columns } = unit;
  const recall = unit.memory > 0 ? recaller(unit, runtime) : undefined;

  const valuesOf = async (theta: unknown, rows: AtRest<CriticRows>): Promise<Float32Array> => {
    if (recall) return (await recall.step(theta, rows)).value;
    const input = { theta, rows } as Parameters<typeof compiled.run>[1];
    const { output } = await compiled.run(nothing, input);
    return output.value.data as Float32Array;
  };

  /** V of the successors of these rows only, in pieces of one size: the step is compiled once. */
  const someValues = async (
    theta: unknown,
    nextRows: AtRest<CriticRows>,
    wanted: readonly number[],
    size: number,
    into: Float64Array,
  ): Promise<void> => {
    for (let from = 0; from < wanted.length; from += size) {
      const piece = Array.from({ length: size }, (_, i) => wanted[Math.min(from + i, wanted.length - 1)]!);
      const value = await valuesOf(theta, take(nextRows, piece));
      piece.forEach((row, i) => {
        for (let k = 0; k < columns; k++) into[row * columns + k] = value[i * columns + k]!;
      });
    }
  };

  return async (
    carry: Carry<CriticCarry>,
    rollout: Rollout<Groups>,
    unitRows: UnitRows,
    start?: F32,
  ): Promise<Valued> => {
    const { numEnvs, batch } = rollout;
    const { last } = batch;
    const rows = last.length;
    const { theta } = leavesOf(carry);
    const recalled = recall && (await recall.through(theta, rollout, unitRows.rows, start));
    const old = unitRows.remembered ?? recalled?.value ?? Float64Array.from(await valuesOf(theta, unitRows.rows));
    const nextRows = recalled ? { ...unitRows.nextRows, memory: recalled.after } : unitRows.nextRows;
    // Within an episode the successor is the next row; else it is valued by itself, unless its worth is 0 anyway.
    const next = new Float64Array(rows * columns);
    const wanted: number[] = [];
    for (let b = 0; b < rows; b++) {
      const cut = last[b] === 1 || b + numEnvs >= rows;
      let future = false;
      for (let k = 0; k < columns; k++) {
        if (!cut) next[b * columns + k] = old[(b + numEnvs) * columns + k]!;
        future ||= unitRows.discount[b * columns + k] !== 0;
      }
      if (cut && future && !(last[b] === 1 && config.truncation !== 'bootstrap')) wanted.push(b);
    }
    const size = Math.min(rows, Math.max(numEnvs, CHUNK));
    await someValues(theta, nextRows, wanted, size, next);
    const { mean, deviation } = statisticsAtRest(carry);
    const original = (x: Float64Array): Float64Array =>
      mean === 0 && deviation === 1 ? x : x.map((v) => v * deviation + mean);
    const worth = {
      reward: unitRows.reward,
      discount: unitRows.discount,
      last,
      value: original(old),
      nextValue: original(next),
      columns: numEnvs * columns,
      agents: columns,
      gamma: config.discount,
      truncation: config.truncation,
    };
    return { ...gae({ ...worth, lambda: config.lambda }), old, ...(recalled && { recalled }) };
  };
};
