import { randomPolicy, rng, type GroupAction, type Groups, type Policies } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  chasePrey,
  fleePrey,
  simpleSpread,
  simpleTag,
  spreadAssignment,
  type ParticleActions,
  type ParticleEnv,
} from '../src/index.js';

/** Mean return per agent and episode of each group. */
const play = async <G extends Groups>(env: ParticleEnv<G>, policies: Policies<G>, episodes: number) => {
  const stream = rng(3);
  const sums = new Map<string, number>();
  let seen = env.reset(stream.split());
  for (let t = 0; t < (25 * episodes) / env.numEnvs; t++) {
    const actions: Record<string, GroupAction> = {};
    for (const name of Object.keys(env.groups)) {
      actions[name] = (await policies[name]!.act(seen[name]!, stream, { steps: 0, total: 1 })).action;
    }
    const step = env.step(actions as ParticleActions<G>);
    for (const name of Object.keys(env.groups)) {
      const { data } = step.reward[name]!;
      sums.set(
        name,
        data.reduce((a, b) => a + b, sums.get(name) ?? 0),
      );
    }
    seen = step.current;
  }
  return Object.fromEntries(
    [...sums].map(([name, sum]) => [name, sum / (env.groups[name]!.agents as readonly string[]).length / episodes]),
  );
};

describe.each([false, true])('spreadAssignment, continuous %s', (continuous) => {
  it('covers the landmarks far better than chance', async () => {
    const env = simpleSpread({ numEnvs: 50, continuous });
    const { agents } = env.groups;
    // Over 2000 episodes: random −26.8 or −25.5, scripted −7.5 or −5.9, standard errors 0.2 and 0.1.
    expect((await play(env, { agents: randomPolicy(agents) }, 200))['agents']).toBeLessThan(-23.5);
    expect((await play(env, { agents: spreadAssignment(agents) }, 200))['agents']).toBeGreaterThan(-8.5);
  });
});

it('spreadAssignment refuses what it cannot see or enumerate', () => {
  expect(() => spreadAssignment(simpleSpread({ agents: 8 }).groups.agents)).toThrow('at most 7 agents, got 8');
  expect(() => spreadAssignment(simpleSpread({ agentNeighbors: 1 }).groups.agents)).toThrow('(18 numbers), got 14');
});

describe.each([false, true])('predators and prey, continuous %s', (continuous) => {
  it('hunt and flee better than chance', async () => {
    const env = simpleTag({ numEnvs: 50, continuous });
    const { adversaries, good } = env.groups;
    const [wander, stray] = [randomPolicy(adversaries), randomPolicy(good)];
    const [hunt, flee] = [chasePrey(env.groups), fleePrey(env.groups)];
    const chance = await play(env, { adversaries: wander, good: stray }, 200);
    const hunted = await play(env, { adversaries: hunt, good: stray }, 200);
    const fled = await play(env, { adversaries: wander, good: flee }, 200);
    const both = await play(env, { adversaries: hunt, good: flee }, 200);
    expect(hunted['adversaries']).toBeGreaterThan(chance['adversaries']! + 40);
    expect(fled['good']).toBeGreaterThan(chance['good']! + 5);
    expect(both['good']).toBeGreaterThan(hunted['good']! + 40);
  });

  it('refuse observations that do not show everybody', () => {
    const { groups } = simpleTag({ continuous, agentNeighbors: 1 });
    expect(() => chasePrey(groups)).toThrow('chasePrey: expected observations of simpleTag');
    expect(() => fleePrey(groups)).toThrow('fleePrey: expected observations of simpleTag');
  });
});
