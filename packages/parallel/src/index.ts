export { parallel } from './parallel.js';
export type { ParallelEnv } from './parallel.js';
export type { MakeVecEnv, ParallelOptions, WorkerSettings } from './options.js';
