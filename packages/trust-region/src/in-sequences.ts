import type { ActorRule } from './actor-rule.js';
import { rowTaker } from './columns.js';
import { sequenceOrder } from './sequences.js';

/** The same rule for actors that remember: it is shown sequences, and answers for rows in their own order. */
export const inSequences = (rule: ActorRule): ActorRule => {
  const take = rowTaker();
  return {
    ...rule,
    async update(given) {
      const { rows, numEnvs, actor } = given;
      const { memory, sequenceLength, agents: n } = actor.team;
      if (memory === 0) return rule.update(given);
      const order = sequenceOrder(rows.advantage.shape[0]!, numEnvs, sequenceLength);
      const sequences = take(rows, order);
      const done = await rule.update({ ...given, rows: sequences });
      if (done.logRatio === undefined) return done;
      const logRatio = new Float64Array(done.logRatio.length);
      order.forEach((row, i) => {
        for (let agent = 0; agent < n; agent++) logRatio[row * n + agent] = done.logRatio![i * n + agent]!;
      });
      return { ...done, logRatio };
    },
  };
};
