import { assertEnv, rng } from '@troupe/core';
import ndarray from 'ndarray';
import { expect, it } from 'vitest';
import { simpleReference } from '../src/index.js';

it('factored actions are the joint ones, every pair of them', () => {
  const joint = simpleReference();
  const factored = simpleReference({ factored: true });
  expect(factored.groups.agents.action).toEqual({ kind: 'multiDiscrete', counts: [5, 10] });
  for (let choice = 0; choice < 50; choice++) {
    const [other, stream] = [(7 * choice + 3) % 50, rng(choice)];
    const [a, b] = [joint.reset(stream), factored.reset(rng(choice))];
    expect(b.agents.observation.data).toEqual(a.agents.observation.data);
    const heads = [choice, other].flatMap((index) => [index % 5, Math.floor(index / 5)]);
    for (let t = 0; t < 2; t++) {
      const one = joint.step({ agents: ndarray(Int32Array.of(choice, other), [1, 2]) });
      const two = factored.step({ agents: ndarray(Int32Array.from(heads), [1, 2, 2]) });
      expect(two.next.agents.observation.data).toEqual(one.next.agents.observation.data);
      expect(two.reward.agents.data).toEqual(one.reward.agents.data);
    }
    expect(factored.worldState(0)).toEqual(joint.worldState(0));
  }
});

it('factored actions keep the contract, and wrong ones are named', async () => {
  await assertEnv(() => simpleReference({ factored: true, numEnvs: 2, maxCycles: 5 }));
  const env = simpleReference({ factored: true });
  env.reset(rng(1));
  expect(() => env.step({ agents: ndarray(Int32Array.of(0, 0, 4, 10), [1, 2, 2]) })).toThrow(
    "step: group 'agents', agent 'agent_1', environment 0, head 1: expected an integer in [0, 10), got 10",
  );
  expect(() => simpleReference({ factored: true, continuous: true })).toThrow(
    'simpleReference: expected continuous or factored actions, got both',
  );
});
