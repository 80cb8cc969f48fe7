/**
 * Why HAPPO and HATRPO update agents one after another, on games small enough to compute everything exactly.
 * Run: npx tsx examples/improvement-in-turn.ts
 */
import {
  advantagesInOrder,
  halves,
  jointAdvantages,
  miscoordination,
  monotoneImprovement,
  policyEvaluation,
  type MarkovGame,
  type TabularPolicies,
} from '@troupe/classic-control';
import { rng } from 'troupe';

const STEPS = 200;
const discount = 0.9;
const random = rng(1);

const worth = (game: MarkovGame, policies: TabularPolicies) =>
  policyEvaluation(game, policies, { discount }).start[0]!.toFixed(4);

// 1. An advantage of a team is the sum of what each agent's choice adds to those before it.
const game = miscoordination();
const careful: TabularPolicies = [0, 1].map(() => Float64Array.from([0.7, 0.3, 0.5, 0.5])); // state 0, then the end
const { q, advantage } = jointAdvantages(game, careful, { discount });
const [first, second] = advantagesInOrder(game, careful, q, [0, 1]);
console.log('joint choice   A     = first + second');
for (const [j, name] of ['0 0', '0 1', '1 0', '1 1'].entries()) {
  const [a, b, c] = [advantage[j]!, first![j]!, second![j]!].map((x) => x.toFixed(2).padStart(6));
  console.log(`${name}        ${a} = ${b} + ${c}`);
}

// 2. Best answers to the old policies, given by everybody at once, can be the worst there is.
const answer = (policies: TabularPolicies, i: number): TabularPolicies => {
  const { q: values } = jointAdvantages(game, policies, { discount });
  const added = advantagesInOrder(game, policies, values, [i])[0]!;
  const of = (choice: number) => added[i === 0 ? choice * 2 : choice]!;
  const best = of(1) > of(0) ? [0, 1] : [1, 0];
  return policies.map((policy, k) => (k === i ? Float64Array.from([...best, 0.5, 0.5]) : policy));
};
const atOnce = careful.map((_, i) => answer(careful, i)[i]!);
const inTurn = answer(answer(careful, 0), 1);
console.log(`before ${worth(game, careful)}, at once ${worth(game, atOnce)}, in turn ${worth(game, inTurn)}`);

// 3. In turn, with a penalty on the divergence, no round makes the team worse: slowly with the penalty of the theorem,
// fast with a small one, which guarantees nothing.
for (const penalty of [undefined, 1]) {
  let policies = careful;
  const path = [worth(game, policies)];
  for (let round = 1; round <= STEPS; round++) {
    const order = random.uniform() < 0.5 ? [0, 1] : [1, 0];
    const options = { discount, order, ...(penalty !== undefined && { penalty }) };
    const step = monotoneImprovement(game, policies, options);
    policies = step.policies;
    if (round === 1) path.push(`(C = ${step.penalty.toFixed(0)})`);
    if (round % Math.ceil(STEPS / 4) === 0) path.push(worth(game, policies));
  }
  console.log(path.join(' '));
}

// 4. One policy for all can be exponentially bad.
for (const players of [2, 4, 6, 8]) {
  const team = halves({ players });
  const shared = team.choices.map(() => Float64Array.from([0.5, 0.5, 0.5, 0.5]));
  const own = team.choices.map((_, i) => Float64Array.from(i < players / 2 ? [1, 0, 0.5, 0.5] : [0, 1, 0.5, 0.5]));
  console.log(
    `${players} players: one policy for all at most ${worth(team, shared)}, policies of their own ${worth(team, own)}`,
  );
}
