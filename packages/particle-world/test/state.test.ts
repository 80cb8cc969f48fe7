import { describe as describeSettings, rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  simpleAdversary,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  spreadSettings,
} from '../src/index.js';

describe('settings', () => {
  it('that are wrong are all reported', () => {
    const wrong = { agents: 0, localRatio: 1.5, numEnv: 3, continuous: 1, version: 'openai-2', curriculum: 2 };
    // @ts-expect-error every one of them is wrong
    expect(() => simpleSpread(wrong)).toThrow(
      new RangeError(
        'simpleSpread: numEnv: unknown setting; known: numEnvs, maxCycles, continuous, version, walls, agentNeighbors, ' +
          'landmarkNeighbors, agents, localRatio, terminateOnSuccess, curriculum; continuous: expected true or false, got 1; ' +
          "version: expected one of mpe2 | pettingzoo-1.22.4 | pettingzoo-1.22.2 | openai, got 'openai-2'; agents: expected an integer > 0, got 0; " +
          'localRatio: expected a number in [0, 1], got 1.5; curriculum: expected one of 0 | 1, or null, got 2',
      ),
    );
    // @ts-expect-error obstacles are counted
    expect(() => simpleTag({ obstacles: -1, good: '1' })).toThrow(RangeError);
    expect(() => simpleWorldComm({ food: 0 })).toThrow('food: expected an integer > 0, got 0');
  });

  it('have the defaults of the reference', () => {
    expect(
      Object.fromEntries(describeSettings(spreadSettings).map(({ name, initial }) => [name, initial])),
    ).toMatchObject({
      numEnvs: '1',
      maxCycles: '25',
      continuous: 'false',
      agents: '3',
      localRatio: '0.5',
      agentNeighbors: 'null',
      curriculum: 'null',
    });
  });

  it('give spaces of the documented sizes', () => {
    const sizes = (groups: ReturnType<typeof simpleWorldComm>['groups']) =>
      Object.values(groups).map(({ agents, observation, action }) => [
        agents.length,
        observation.shape[0],
        'n' in action && action.n,
      ]);
    expect(sizes(simpleWorldComm().groups)).toEqual([
      [1, 34, 20],
      [3, 34, 5],
      [2, 28, 5],
    ]);
    expect(Object.keys(simpleWorldComm({ adversaries: 1 }).groups)).toEqual(['leader', 'good']);
    expect(simpleTag().groups).toMatchObject({
      adversaries: { agents: ['adversary_0', 'adversary_1', 'adversary_2'], observation: { shape: [16] } },
      good: { agents: ['agent_0'], observation: { shape: [14] } },
    });
  });
});

describe('worldState and setWorldState', () => {
  it('go round, and rewrite what is seen', () => {
    const [a, b] = [simpleAdversary({ numEnvs: 2 }), simpleAdversary({ numEnvs: 2 })];
    const seenA = a.reset(rng(1));
    const seenB = b.reset(rng(2));
    expect([...seenB.good.observation.data]).not.toEqual([...seenA.good.observation.data]);
    for (const e of [0, 1]) b.setWorldState(e, a.worldState(e));
    expect(b.worldState(1)).toEqual(a.worldState(1));
    expect([...seenB.good.observation.data]).toEqual([...seenA.good.observation.data]);
    expect([...seenB.adversary.observation.data]).toEqual([...seenA.adversary.observation.data]);
  });

  it('refuse what cannot be', () => {
    const env = simpleSpeakerListener();
    env.reset(rng(1));
    const [speaker, listener] = env.worldState(0).agents;
    const refused = (state: Parameters<typeof env.setWorldState>[1]) => expect(() => env.setWorldState(0, state));
    refused({ agents: [speaker!] }).toThrow('setWorldState: expected 2 agents, got 1');
    refused({ landmarks: [] }).toThrow('setWorldState: expected 3 landmarks, got 0');
    refused({ goals: [3] }).toThrow('setWorldState: expected an integer in [0, 3) as goal 0, got 3');
    refused({ goals: [] }).toThrow('setWorldState: expected 1 goals, got 0');
    refused({ cycle: -1 }).toThrow('as the cycle, got -1');
    refused({ stage: 1 }).toThrow('setWorldState: expected an integer in [0, 1) as the stage, got 1');
    refused({ agents: [speaker!, { ...listener!, position: [0, NaN] }] }).toThrow(
      'expected 2 finite numbers in the position of agent 1, got [0, NaN]',
    );
    refused({ agents: [speaker!, { ...listener!, message: [0, 1, 0] }] }).toThrow('agent 1, which cannot speak');
    expect(() => env.worldState(1)).toThrow('worldState: expected an environment in [0, 1), got 1');
    expect(() => simpleSpread().setWorldState(0, {})).toThrow('setWorldState: expected reset or load first');
  });
});

describe('load', () => {
  it('refuses what was not saved here', () => {
    const env = simpleSpread({ numEnvs: 2 });
    env.reset(rng(1));
    expect(() => env.load(undefined)).toThrow(TypeError);
    expect(() => env.load(simpleTag().save())).toThrow('load: expected a saved simple_spread, got a saved simple_tag');
    expect(() => env.load(simpleSpread().save())).toThrow(
      /expected 24 numbers in position, got 12: other settings were saved/,
    );
  });
});
