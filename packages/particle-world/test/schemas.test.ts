import { rng, type Groups } from '@troupe/core';
import { expect, it } from 'vitest';
import { particleEnv, simplePush, simpleSpread, simpleTag, simpleWorldComm, type Scenario } from '../src/index.js';
import { shown, tables } from './observation-tables.js';

/** Without the padding that the formatter adds. */
const cells = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').replaceAll(/-{3,}/g, '---').trim())
    .filter((line) => line !== '' && !line.startsWith('<!--'));

it('the tables in the guide are what the code says (npx tsx packages/particle-world/test/observation-tables.ts)', () => {
  expect(cells(shown())).toEqual(cells(tables()));
});

it('schemas name what is observed', () => {
  const env = simpleSpread();
  const seen = env.reset(rng(1));
  env.setWorldState(0, {
    agents: [0, 1, 2].map((i) => ({ position: [i, -i], velocity: [0.5 * i, 0], message: [0, 0] })),
    landmarks: [3, 4, 5].map((l) => ({ position: [l, 0] })),
  });
  const { read, slice, size } = env.schemas.agents;
  const row = read(seen.agents.observation.data.subarray(size, 2 * size));
  expect(Object.fromEntries(Object.entries(row).map(([name, part]) => [name, [...part]]))).toEqual({
    velocity: [0.5, 0],
    position: [1, -1],
    landmarks: [2, 1, 3, 1, 4, 1],
    others: [-1, 1, 1, -1],
    messages: [0, 0, 0, 0],
  });
  expect(slice('others')).toMatchObject({ start: 10, end: 14, shape: [2, 2] });
});

it('follow the settings', () => {
  expect(simpleTag({ obstacles: 0, agentNeighbors: 1 }).schemas.good.table.map(({ name, end }) => [name, end])).toEqual(
    [
      ['velocity', 2],
      ['position', 4],
      ['others', 6],
      ['preyVelocities', 8],
    ],
  );
  expect(Object.keys(simpleWorldComm({ adversaries: 1, forests: 0 }).schemas)).toEqual(['leader', 'good']);
});

it('read what is observed: push tells the goal by colour', () => {
  const env = simplePush();
  const seen = env.reset(rng(3));
  const { good } = env.schemas;
  const { goal, landmarks, colour, landmarkColours } = good.read(seen.good.observation.data);
  const k = env.worldState(0).goals[0]!;
  expect([...goal!]).toEqual([...landmarks!.subarray(2 * k, 2 * k + 2)]);
  expect(colour!.indexOf(Math.max(...colour!))).toBe(k + 1);
  expect(landmarkColours).toHaveLength(6);
});

it('must make up the whole observation', () => {
  const env = simpleSpread();
  const scenario = {
    name: 'wrong',
    cast: { agents: [], landmarks: [], messageSize: 0 },
    groups: env.groups,
    goals: [],
    observations: { agents: env.schemas.agents.parts.slice(1) },
    reset: () => undefined,
    observe: () => undefined,
    reward: () => undefined,
  } satisfies Scenario<Groups>;
  expect(() => particleEnv(scenario, { numEnvs: 1, maxCycles: 1, version: 'mpe2' })).toThrow(
    "wrong: expected parts of 18 numbers for group 'agents', got 16",
  );
});
