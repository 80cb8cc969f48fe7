import type { Scene } from '@troupe/core';

/** Left end of the valley, right end of the hill. */
export const [LEFT, RIGHT] = [-1.2, 0.6];
/** Fastest that the car gets per step. */
export const MAX_SPEED = 0.07;

const heightAt = (x: number): number => 0.45 * Math.sin(3 * x) + 0.55;
const hill = Array.from({ length: 61 }, (_, i): readonly [number, number] => {
  const x = LEFT + ((RIGHT - LEFT) * i) / 60;
  return [x, heightAt(x)];
});

/** The valley with the car in it and a flag where it should get. */
export const drawMountain = (state: Float64Array, goal: number): Scene => {
  const x = state[0]!;
  const foot = heightAt(goal);
  return {
    view: { left: LEFT, bottom: 0, width: RIGHT - LEFT, height: 1.25 },
    shapes: [
      { kind: 'line', points: hill, stroke: 'black', width: 0.01 },
      { kind: 'line', points: [[goal, foot], [goal, foot + 0.18]], stroke: 'black', width: 0.008 }, // prettier-ignore
      {
        kind: 'polygon',
        points: [[goal, foot + 0.18], [goal + 0.08, foot + 0.15], [goal, foot + 0.12]], // prettier-ignore
        fill: 'rgb(204, 204, 0)',
      },
      { kind: 'circle', x, y: heightAt(x) + 0.035, radius: 0.035, fill: 'rgb(60, 60, 60)' },
    ],
  };
};
