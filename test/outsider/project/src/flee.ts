import type { Act, Policy } from '@troupe/core';
import ndarray from 'ndarray';
import type { Pursuit } from './pursuit.js';

type Runners = Pursuit['runners'];

/** Runs from the nearer hunter, in all environments at once. */
export const flee: Policy<Runners> = {
  act({ observation, active }): Act<Runners> {
    const numEnvs = active.shape[0]!;
    const action = ndarray(new Int32Array(numEnvs), [numEnvs, 1]);
    for (let e = 0; e < numEnvs; e++) {
      const [ann, bob] = [observation.get(e, 0, 1), observation.get(e, 0, 2)];
      action.set(e, 0, (Math.abs(ann) < Math.abs(bob) ? ann : bob) > 0 ? 0 : 2);
    }
    return { action };
  },
};
