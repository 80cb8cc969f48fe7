import type { Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { difference, perTeam, type ActorRule } from './actor-rule.js';
import { CLIPPED_METRICS, clippedStep } from './clipped-step.js';
import { inParts, partition, rowTaker, stepsPerCall } from './columns.js';
import { logProbabilities } from './log-probabilities.js';
import type { PpoConfig } from './settings.js';

/** Several passes over minibatches by PPO's clipped surrogate; those of a pass are one call. */
export const clippedRule = (config: PpoConfig, runtime: Runtime): ActorRule => {
  const { epochs, minibatches: parts, maxKl } = config;
  const together = parts === 1 && maxKl === null ? stepsPerCall(epochs) : 1;
  const compiled = perTeam(({ team }) => ({
    learn: runtime.compile(clippedStep(team, config, together), { name: `actor of ${team.name}` }),
    take: rowTaker(),
  }));
  const logProb = logProbabilities(runtime);
  const names = CLIPPED_METRICS.filter((name) => name !== 'stepped');

  return {
    metrics: [...names, 'policySteps'],
    descends: true,
    parts,
    async update({ actor, carry: start, rows, rng, rate, wantsRatio }) {
      const { learn, take } = compiled(actor);
      const logProbOf = (from: typeof start) => logProb(actor)(from, rows);
      const scale = ndarray(Float32Array.of(rate), []);
      const scales = ndarray(new Float32Array(parts).fill(rate), [parts]);
      const passes: Record<string, number>[] = [];
      // With all rows in one part, the first call says what the log-probabilities were before it.
      let before = rows.logProb && (parts === 1 || !wantsRatio) ? undefined : await logProbOf(start);
      const shape = rows.advantage.shape;
      const known = { ...rows, logProb: rows.logProb ?? ndarray(Float32Array.from(before!), shape) };
      let carry = start;
      let going = true;
      const note = ({ data }: { readonly data: ArrayLike<number> }): void => {
        for (let at = 0; at < data.length; at += CLIPPED_METRICS.length) {
          passes.push(Object.fromEntries(CLIPPED_METRICS.map((name, i) => [name, data[at + i]!])));
        }
        going = passes.at(-1)!['stepped'] === 1;
      };
      const pass = async (some: typeof known): Promise<void> => {
        const { carry: next, output } = await learn.run(carry, { rows: some, rate: scale });
        carry = next;
        if (wantsRatio) before ??= Float64Array.from(output.logProb.data);
        note(output.metrics);
      };
      for (let epoch = 0; epoch < epochs && going; epoch += together) {
        if (parts === 1) {
          await pass(known);
          continue;
        }
        const order = partition(shape[0]!, parts, rng, actor.team.sequenceLength);
        if (maxKl === null) {
          const given = { rows: inParts(take(known, order), parts), rate: scales };
          const { carry: next, outputs } = await learn.scan(carry, given);
          carry = next;
          note(outputs.metrics);
          continue;
        }
        // What stops an actor is looked at after every part.
        const size = order.length / parts;
        for (let k = 0; k < parts && going; k++) await pass(take(known, order.subarray(k * size, (k + 1) * size)));
      }
      const mean = (name: string): number => passes.reduce((sum, pass) => sum + pass[name]!, 0) / passes.length;
      return {
        carry,
        logRatio: wantsRatio ? difference(await logProbOf(carry), before!) : undefined,
        metrics: {
          ...Object.fromEntries(names.map((name) => [name, mean(name)])),
          policySteps: passes.reduce((sum, pass) => sum + pass['stepped']!, 0),
        },
        report: { passes },
      };
    },
  };
};
