import type { Groups } from '@troupe/core';
import { parallel, type MakeVecEnv, type ParallelEnv, type ParallelOptions } from '../src/index.js';

/** The makers of `worlds.js` on threads. */
export const threaded = <G extends Groups, S extends object>(
  make: MakeVecEnv<G, S>,
  options: Omit<ParallelOptions<NoInfer<S>>, 'from'>,
): Promise<ParallelEnv<G>> => parallel(make, { from: new URL('./worlds.js', import.meta.url), ...options });
