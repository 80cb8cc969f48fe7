import { contactPush, DAMPING, DT } from '../physics.js';
import { lookAtEveryone, placeOf, SHELL, type Crowd } from './crowd.js';

/** Adds the contact forces between living agents of environment `e` to the control forces. */
const addContacts = (crowd: Crowd, e: number): void => {
  const { slots, roles, roleOf, alive, position, force, everyone } = crowd;
  const at = placeOf(crowd, e, 0);
  for (let i = 0; i < slots; i++) {
    if (alive[e * slots + i] === 0) continue;
    const x = position[at + 2 * i]!;
    const y = position[at + 2 * i + 1]!;
    const size = roles[roleOf[i]!]!.size;
    const count = everyone.within(position, at + 2 * i, crowd.contactReach, roleOf[i]!, i);
    for (let k = 0; k < count; k++) {
      const other = everyone.found[k]!;
      const touch = size + roles[roleOf[other]!]!.size;
      const r = Math.sqrt(everyone.squared[k]!);
      if (r - touch > SHELL) continue;
      const push = contactPush(r, touch);
      // At the same place there is no direction: the first of the two goes to +x.
      force[2 * i]! += r === 0 ? (i < other ? push : -push) : ((x - position[at + 2 * other]!) / r) * push;
      force[2 * i + 1]! += r === 0 ? 0 : ((y - position[at + 2 * other + 1]!) / r) * push;
    }
  }
};

/** One axis: where the agent is and how fast after the step, held inside the world. */
const hold = (crowd: Crowd, p: number, v: number, e: number): void => {
  const half = crowd.half[e]!;
  const x = crowd.position[p]!;
  if (Math.abs(x) < half) return;
  crowd.position[p] = x < 0 ? -half : half;
  if (x * crowd.velocity[v]! > 0) crowd.velocity[v] = 0;
};

/**
 * Moves environment `e` by one step: the dynamics of MPE2 (position by the old velocity), agents held inside the world
 * as by walls. Landmarks neither move nor push.
 */
export const moveCrowd = (crowd: Crowd, e: number): void => {
  const { slots, roles, roleOf, alive, position, velocity, force } = crowd;
  lookAtEveryone(crowd, e);
  addContacts(crowd, e);
  const at = placeOf(crowd, e, 0);
  for (let i = 0; i < slots; i++) {
    if (alive[e * slots + i] === 0) continue;
    const p = at + 2 * i;
    const v = (e * slots + i) * 2;
    const oldX = velocity[v]!;
    const oldY = velocity[v + 1]!;
    let vx = oldX * (1 - DAMPING) + force[2 * i]! * DT;
    let vy = oldY * (1 - DAMPING) + force[2 * i + 1]! * DT;
    const limit = roles[roleOf[i]!]!.maxSpeed;
    const speed = Math.sqrt(vx * vx + vy * vy);
    if (speed > limit) {
      vx = (vx / speed) * limit;
      vy = (vy / speed) * limit;
    }
    position[p]! += oldX * DT;
    position[p + 1]! += oldY * DT;
    velocity[v] = vx;
    velocity[v + 1] = vy;
    hold(crowd, p, v, e);
    hold(crowd, p + 1, v + 1, e);
  }
};
