import { elements } from '@troupe/core';
import type { GroupBatch, Rng } from '@troupe/core';
import { greedyChoice } from '../greedy.js';
import type { LinearConfig } from './settings.js';
import { solveRidge } from './solve.js';
import type { LinearCrew, LinearRole } from './state.js';
import { dot, emptySeen, valuesInto, type Seen } from './values.js';

/** What one regression was about. */
export interface Fitted {
  /** Σ (y − Q)² w over active rows, before the regression. */
  readonly loss: number;
  readonly error: number;
  readonly value: number;
  readonly count: number;
}

/** A row of one agent: what it learns from. */
interface Row {
  readonly row: number;
  readonly slot: number;
  readonly action: number;
  readonly target: number;
  readonly weight: number;
  /** Which of two estimates learns. */
  readonly table: number;
}

/**
 * One regression of one group: y = r + γ d B(s′), B by the target weights and, for double learning, the other estimate; then
 * a step for every row in order, or the least-squares solution.
 */
export const fitter = (crew: LinearCrew, config: LinearConfig) => {
  const { slots, choices, width, features } = crew;
  const tables = config.double ? 2 : 1;
  const agent = choices * features.size;
  const [now, after] = [emptySeen(crew), emptySeen(crew)];
  const [values, others] = [new Float64Array(choices), new Float64Array(choices)];
  const placeOf = (table: number, slot: number): number => (table * slots + slot) * agent;

  /** φ(s′) → B: the greedy value, of double learning that of the other estimate for this one's choice. */
  const bootstrap = (seen: Seen, { target }: LinearRole, table: number, slot: number, legal?: Uint8Array, at = 0) => {
    const weights = target.data;
    valuesInto(crew, seen, weights, placeOf(table, slot), values);
    const best = greedyChoice(values, 0, choices, legal, at);
    if (!config.double) return values[best]!;
    return valuesInto(crew, seen, weights, placeOf(1 - table, slot), others)[best]!;
  };

  const rowsOf = (role: LinearRole, batch: GroupBatch, importance: Float32Array | undefined, rng: Rng): Row[] => {
    const [reward, discount, active] = [elements(batch.reward), elements(batch.discount), elements(batch.active)];
    const action = elements(batch.action) as Int32Array;
    const next = elements(batch.next.observation);
    const legal = batch.next.legal && elements(batch.next.legal);
    const rows: Row[] = [];
    for (let row = 0; row < reward.length / slots; row++) {
      for (let slot = 0; slot < slots; slot++) {
        const at = row * slots + slot;
        if (active[at] === 0) continue;
        const table = tables > 1 ? rng.int(2) : 0;
        let target = reward[at]!;
        if (discount[at] !== 0) {
          after.count = features.write(next, at * width, after.index, after.value);
          target += config.discount * discount[at]! * bootstrap(after, role, table, slot, legal, at * choices);
        }
        rows.push({ row, slot, action: action[at]!, target, weight: importance ? importance[row]! : 1, table });
      }
    }
    return rows;
  };

  const step = ({ weights, visits }: LinearRole, { table, slot, action, weight }: Row, error: number): void => {
    const at = placeOf(table, slot) + action * features.size;
    for (let i = 0; i < now.count; i++) {
      const place = at + now.index[i]!;
      const met = visits ? (visits.data[place]! += 1) : 1;
      weights.data[place]! += config.learningRate * met ** -config.visitPower * weight * error * now.value[i]!;
    }
  };

  const solve = ({ weights }: LinearRole, rows: readonly Row[], observation: Float32Array): void => {
    const byPlace = new Map<number, Row[]>();
    for (const row of rows) {
      const place = placeOf(row.table, row.slot) + row.action * features.size;
      const known = byPlace.get(place);
      if (known) known.push(row);
      else byPlace.set(place, [row]);
    }
    const gram = new Float64Array(features.size ** 2);
    for (const [place, own] of byPlace) {
      gram.fill(0);
      const right = new Float64Array(features.size);
      for (const { row, slot, target, weight } of own) {
        now.count = features.write(observation, (row * slots + slot) * width, now.index, now.value);
        for (let i = 0; i < now.count; i++) {
          const scaled = weight * now.value[i]!;
          right[now.index[i]!]! += scaled * target;
          for (let j = 0; j < now.count; j++) {
            gram[now.index[i]! * features.size + now.index[j]!]! += scaled * now.value[j]!;
          }
        }
      }
      if (!solveRidge(gram, right, config.ridge, weights.data, place)) {
        throw new RangeError(
          `linearQ: expected features that are independent on the ${own.length} rows, or ridge > 0, got dependent ones`,
        );
      }
    }
  };

  return (
    role: LinearRole,
    batch: GroupBatch,
    importance: Float32Array | undefined,
    rng: Rng,
    errors: Float32Array,
  ): Fitted => {
    const observation = elements(batch.observation);
    const rows = rowsOf(role, batch, importance, rng);
    let [loss, error, value] = [0, 0, 0];
    for (const one of rows) {
      now.count = features.write(observation, (one.row * slots + one.slot) * width, now.index, now.value);
      const q = dot(now, role.weights.data, placeOf(one.table, one.slot) + one.action * features.size);
      const wrong = one.target - q;
      loss += one.weight * wrong * wrong;
      error += Math.abs(wrong);
      value += q;
      errors[one.row]! += Math.abs(wrong);
      if (config.fit === 'step') step(role, one, wrong);
    }
    if (config.fit === 'exact') solve(role, rows, observation);
    return { loss, error, value, count: rows.length };
  };
};
