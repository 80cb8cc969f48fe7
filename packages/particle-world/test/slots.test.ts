import { rng } from '@troupe/core';
import { expect, it } from 'vitest';
import { simpleSpread } from '../src/index.js';

/** Agents and landmarks on the x axis; what agent 0 sees of landmarks (x only), then of others. */
const seen = (
  limits: { agentNeighbors?: number; landmarkNeighbors?: number },
  agents: number[],
  landmarks: number[],
) => {
  const env = simpleSpread({ agents: agents.length, ...limits });
  const { observation } = env.reset(rng(1)).agents;
  env.setWorldState(0, {
    agents: agents.map((x) => ({ position: [x, 0], velocity: [0, 0], message: [0, 0] })),
    landmarks: landmarks.map((x) => ({ position: [x, 0] })),
  });
  const shown = limits.landmarkNeighbors ?? landmarks.length;
  const others = limits.agentNeighbors ?? agents.length - 1;
  return Array.from({ length: shown + others }, (_, k) => observation.get(0, 0, 4 + 2 * k));
};

it('shows everything in order without limits', () => {
  expect(seen({}, [0, 4, -1, 2], [8, -6, 7, 5])).toEqual([8, -6, 7, 5, 4, -1, 2]);
});

it('shows the nearest, nearest first, those at the same distance in order', () => {
  expect(seen({ agentNeighbors: 2 }, [0, 4, -1, 2], [8, -6, 7, 5])).toEqual([8, -6, 7, 5, -1, 2]);
  expect(seen({ landmarkNeighbors: 3 }, [0, 4, -1, 2], [6, -5, 5, -6])).toEqual([-5, 5, 6, 4, -1, 2]);
});

it('leaves slots empty where there is nothing more', () => {
  expect(seen({ agentNeighbors: 3, landmarkNeighbors: 4 }, [0, 4], [2, -1])).toEqual([-1, 2, 0, 0, 4, 0, 0]);
});
