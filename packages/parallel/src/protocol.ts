import type { Groups, VecEnv } from '@troupe/core';
import type { MessagePort } from 'node:worker_threads';
import type { Plan } from './shared-arrays.js';

/** What a worker is started with. */
export interface Assignment {
  /** Its number among the workers, from 0. */
  readonly worker: number;
  /** URL of the module that exports the maker. */
  readonly from: string;
  readonly exportName: string;
  readonly settings: unknown;
  /** The environments that it steps. */
  readonly first: number;
  readonly count: number;
  readonly memory: SharedArrayBuffer;
  readonly plan: Plan;
  /** Signature of the environments in the thread that asks. */
  readonly expected: string;
  readonly signals: Int32Array;
  /** Arguments come and results go here; both ends read it without waiting for events. */
  readonly port: MessagePort;
}

/** What a worker says when its environments are made. */
export type Started = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly error: unknown };

/** What environments look like from outside, in words: equal where they can share arrays. */
export const signature = (env: VecEnv<Groups>): string => {
  const { groups, stateSpace } = env;
  const looks = { groups, stateSpace, saves: 'save' in env, draws: 'render' in env };
  // Bounds may be infinite, which JSON has no number for.
  return JSON.stringify(looks, (_, value: unknown) => (typeof value === 'number' ? String(value) : value));
};
