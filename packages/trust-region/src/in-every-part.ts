import type { Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { difference, perTeam, type ActorRule, type ActorUpdate } from './actor-rule.js';
import { partition, rowTaker } from './columns.js';
import { logProbabilities } from './log-probabilities.js';

/** The same rule, once on every part of the rows, one after another. Ratios are of all rows, metrics means over the parts. */
export const inEveryPart = (rule: ActorRule, parts: number, runtime: Runtime): ActorRule => {
  if (parts === 1) return rule;
  const [logProb, taker] = [logProbabilities(runtime), perTeam(rowTaker)];
  return {
    ...rule,
    parts,
    async update(given) {
      const { actor, rows, rng, wantsRatio } = given;
      const [logProbOf, take] = [logProb(actor), taker(actor)];
      const { shape } = rows.advantage;
      const before = rows.logProb && !wantsRatio ? undefined : await logProbOf(given.carry, rows);
      // Ratios in all parts are to the policy before the first one.
      const known = { ...rows, logProb: rows.logProb ?? ndarray(Float32Array.from(before!), shape) };
      const order = partition(shape[0]!, parts, rng, actor.team.sequenceLength);
      const size = order.length / parts;
      let { carry } = given;
      const done: ActorUpdate[] = [];
      for (let k = 0; k < parts; k++) {
        const some = take(known, order.subarray(k * size, (k + 1) * size));
        done.push(await rule.update({ ...given, carry, rows: some, wantsRatio: false }));
        carry = done.at(-1)!.carry;
      }
      const { metrics, report } = done.at(-1)!;
      const mean = (name: string): number => done.reduce((sum, one) => sum + one.metrics[name]!, 0) / parts;
      return {
        carry,
        logRatio: wantsRatio ? difference(await logProbOf(carry, rows), before!) : undefined,
        metrics: Object.fromEntries(Object.keys(metrics).map((name) => [name, mean(name)])),
        report: { ...report, parts: done.map((one) => one.metrics) },
      };
    },
  };
};
