import type { Box, Discrete } from '@troupe/core';
import { DAMPING, DT } from '../physics.js';
import { conventionOf, type Version } from '../versions.js';

/** What a scripted player should know of the world besides what it observes. */
export interface PlayerOptions {
  /** Version of the environment: continuous actions and motion depend on it. Default `mpe2`. */
  readonly version?: Version;
}

/** Time units that the velocity is thought to carry on after the next step: longer brakes earlier. */
const CARRY = 0.15;

/**
 * The action that goes to a place `dx`, `dy` away and brakes in time, from velocity `vx`, `vy`, with `accel` force per
 * unit of control. An action changes the velocity first and the position one step later, so the place where the agent
 * will be is compared with the target: a choice is the best of the five, real numbers are exact up to the limits.
 */
export const moveToward = (
  space: Box | Discrete,
  accel: number,
  dx: number,
  dy: number,
  vx: number,
  vy: number,
  version: Version,
): number | readonly number[] => {
  const { movesWith, mirrored } = conventionOf(version);
  const missing = (movesWith === 'old velocity' ? DT : 0) + CARRY * (1 - DAMPING);
  const [ex, ey] = [dx - missing * vx, dy - missing * vy];
  const reach = CARRY * accel * DT;
  if (space.kind === 'box') {
    const towards = mirrored ? -reach : reach;
    const [ux, uy] = [ex / towards, ey / towards].map((u) => Math.min(1, Math.max(-1, u))) as [number, number];
    return [0, Math.max(0, -ux), Math.max(0, ux), Math.max(0, -uy), Math.max(0, uy)];
  }
  // Moving by `reach` along an axis lowers the squared error by reach · (2 · |error| − reach).
  if (Math.max(Math.abs(ex), Math.abs(ey)) <= reach / 2) return 0;
  if (Math.abs(ex) >= Math.abs(ey)) return ex < 0 ? 1 : 2;
  return ey < 0 ? 3 : 4;
};
