import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { carryOf, leavesOf, type AtRest, type Carry, type Runtime, type Step } from '@troupe/runtime';
import { perTeam } from './actor-rule.js';
import { policyOn } from './policy.js';
import type { Team } from './teams.js';
import type { ActorCarry, ActorRows } from './types.js';

type LogProbInput = { readonly theta: Tensor; readonly rows: ActorRows };

const logProbStep =
  (team: Team): Step<Record<string, never>, LogProbInput, { readonly logProb: Tensor }> =>
  (carry, { theta, rows }) => {
    const policy = policyOn(team, rows);
    return { carry, output: { logProb: policy.logProb(policy.output(theta as Tensor1D)) } };
  };

/** For every team: log π of the actions taken, [R], as an actor is now. What the compound factor is made of. */
export const logProbabilities = (runtime: Runtime) => {
  const nothing = carryOf<Record<string, never>>({});
  return perTeam(({ team }) => {
    const step = runtime.compile(logProbStep(team), { name: `log-probabilities of ${team.name}` });
    return async (carry: Carry<ActorCarry>, rows: AtRest<ActorRows>): Promise<Float64Array> => {
      const { theta } = leavesOf(carry);
      const { output } = await step.run(nothing, { theta, rows });
      return Float64Array.from(output.logProb.data);
    };
  });
};
