import { emptyActions, rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { numpyDraws, simpleReference, simpleSpread, turnByTurn } from '../src/index.js';

describe('turnByTurn', () => {
  it('moves the world when the last agent of a round has acted', () => {
    const turns = turnByTurn(simpleSpread({ agents: 2, maxCycles: 1 }));
    expect(turns).toMatchObject({ turn: null, agents: [] });
    turns.reset(rng(1));
    turns.act(2);
    expect(turns.turn).toMatchObject({ agent: 'agent_1', reward: 0, truncated: false });
    expect([...turns.turn!.observation.subarray(0, 2)]).toEqual([0, 0]);
    turns.act(0);
    expect(turns.turn).toMatchObject({ agent: 'agent_0', terminated: false, truncated: true });
    expect(turns.turn!.observation[0]).toBe(0.5);
    expect(turns.turn!.reward).toBeLessThan(0);
    turns.act(null);
    expect(turns.agents).toEqual(['agent_1']);
    turns.act(null);
    expect(turns).toMatchObject({ turn: null, agents: [] });
    turns.reset(rng(2));
    expect(turns.agents).toEqual(['agent_0', 'agent_1']);
  });

  it('refuses what is not an action of the agent, and the turn stays', () => {
    const turns = turnByTurn(simpleSpread({ maxCycles: 1, agents: 1 }));
    expect(() => turns.act(0)).toThrow('act: expected reset first');
    turns.reset(rng(1));
    expect(() => turns.act(5)).toThrow("act: expected an integer in [0, 5) from 'agent_0', got 5");
    expect(() => turns.act([1, 2])).toThrow(RangeError);
    expect(() => turns.act(null)).toThrow("act: expected an action, got null from 'agent_0'");
    turns.act(1);
    expect(() => turns.act(1)).toThrow('act: expected null, because the episode has ended');
    const speaking = turnByTurn(simpleReference({ continuous: true }));
    speaking.reset(rng(1));
    expect(() => speaking.act([0, 1])).toThrow('act: expected 15 numbers');
    expect(() => speaking.act(new Float32Array(15).fill(NaN))).toThrow(RangeError);
    expect(() => turnByTurn(simpleSpread({ numEnvs: 2 }))).toThrow('turnByTurn: expected 1 environment, got 2');
  });
});

describe('seeds of the reference', () => {
  it('draw what NumPy draws', () => {
    // numpy.random.default_rng(12345).random(): the first number in NumPy's documentation of the generator.
    expect(numpyDraws(12345).uniform()).toBe(0.22733602246716966);
    expect(numpyDraws(2n ** 130n + 5n).uniform()).not.toBe(numpyDraws(5).uniform());
  });

  it('are integers >= 0, one per environment', () => {
    const env = simpleSpread({ numEnvs: 2 });
    expect(() => env.resetSeeded([1])).toThrow('resetSeeded: expected 2 seeds, got 1');
    expect(() => env.resetSeeded([1, -1])).toThrow('numpyDraws: expected an integer seed >= 0, got -1');
    expect(() => env.resetSeeded([1, 0.5])).toThrow(RangeError);
  });

  it('continue from what was saved', () => {
    const make = () => simpleSpread({ numEnvs: 2, maxCycles: 1 });
    const [env, other] = [make(), make()];
    env.resetSeeded([3, 4n]);
    other.load(structuredClone(env.save()));
    const still = emptyActions(env.groups, 2);
    const begun = env.worldState(0);
    for (const world of [env, other]) world.step(still);
    expect(env.worldState(0)).not.toEqual(begun);
    expect(other.worldState(0)).toEqual(env.worldState(0));
    expect(other.save()).toEqual(env.save());
  });
});
