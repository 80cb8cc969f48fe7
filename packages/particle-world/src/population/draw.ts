import type { Scene, Shape } from '@troupe/core';
import { css } from '../draw.js';
import { placeOf, type Crowd } from './crowd.js';
import type { PopulationScenario } from './scenario.js';

/** Environment `e` as a picture: the world's edge, landmarks, agents; who is not there is not seen. */
export const drawCrowd = ({ landmark, roles }: PopulationScenario, crowd: Crowd, e: number): Scene => {
  const { slots, places, position, alive, roleOf } = crowd;
  const half = crowd.half[e]!;
  const edge = 1.06 * half;
  const disc = (k: number, radius: number, fill: string, opacity: number): Shape => {
    const p = placeOf(crowd, e, k);
    return { kind: 'circle', x: position[p]!, y: position[p + 1]!, radius, fill, stroke: 'black', opacity };
  };
  const corners: readonly (readonly [number, number])[] = [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ];
  return {
    view: { left: -edge, bottom: -edge, width: 2 * edge, height: 2 * edge },
    shapes: [
      { kind: 'polygon', points: corners, fill: 'white', stroke: 'black' },
      ...Array.from({ length: places }, (_, l) =>
        disc(slots + l, landmark.size, css(landmark.colour), l < crowd.landmarks[e]! ? 1 : 0),
      ),
      ...Array.from({ length: slots }, (_, i) => {
        const role = roles[roleOf[i]!]!;
        return disc(i, role.size, css(role.colour), alive[e * slots + i] === 1 ? 0.8 : 0);
      }),
    ],
  };
};
