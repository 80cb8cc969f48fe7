import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Step as ComputeStep } from '@troupe/runtime';
import type { Group, Groups } from './env.js';
import type { NoiseShape } from './noise.js';
import type { Rng } from './rng.js';
import type { F32, GroupAction, GroupObservation, JointObservation, MaybePromise } from './vec.js';

// ── tensors in, tensors out: what can be traced ─────────────────────────────

/** Named weights inside a step. */
export type Params = Readonly<Record<string, Tensor>>;
/** Named weights at rest. */
export type Weights = Readonly<Record<string, F32>>;

/** A pair of pure functions. Everything with weights is one of these. */
export interface Network<In, Out> {
  /** Initial weights. Names and shapes are the same at every call, values come from `rng`. */
  init(rng: Rng): Weights;
  /** The output for given weights: differentiable, without side effects. */
  apply(params: Params, input: In): Out;
}

/** A network whose output is one value per row. */
export type Critic<In> = Network<In, Tensor1D>;

// ── typed arrays in, typed arrays out: what meets an environment ────────────

/** Where a run is: environment steps done, and to do in all. What schedules see. */
export interface Clock {
  /** Environment steps done, summed over the environments. */
  readonly steps: number;
  /** Environment steps of the whole run; Infinity in an evaluation. */
  readonly total: number;
}

/** What was known at the moment of acting and is needed later: log-probabilities, values, memories. Each [E, N, …]. */
export type Extras = Readonly<Record<string, F32>>;

/** What a policy answers. */
export interface Act<A extends Group = Group> {
  /** [E, N, ...action]; belongs to the policy and is valid until its next `act`. */
  readonly action: GroupAction<A>;
  /** What is to be remembered with the action; every call gives the same names. */
  readonly extras?: Extras;
}

/** Acts for one group in all environments. May be scripted, learned in tfjs, or an ONNX file. Lives as long as a run. */
export interface Policy<A extends Group = Group, S = unknown> {
  /** Answers for every slot of every environment; what it answers for dead agents has no effect. */
  act(observation: GroupObservation, rng: Rng, clock: Clock): MaybePromise<Act<A>>;
  /** Forgets the environments flagged 1 (a new episode begins there). Policies without memory leave it out. */
  begin?(started: Uint8Array): void;
  /** Acts from this learner state from now on. */
  update?(state: S): void;
  /** Memory (recurrent state, exploration noise, …) as plain data. */
  save?(): unknown;
  /** Continues from what `save` returned. */
  load?(saved: unknown): void;
}
/** A policy for every group. `S` is the learner state that their `update` takes. */
export type Policies<G extends Groups, S = unknown> = { readonly [K in keyof G]: Policy<G[K], S> };

/** Everything that happened in one group: B rows × N slots. */
export interface GroupBatch<A extends Group = Group> extends GroupObservation {
  /** [B, N, ...action] */
  readonly action: GroupAction<A>;
  /** [B, N] */
  readonly reward: F32;
  /** [B, N]; 0 where the future is worth nothing: the episode terminated or that agent died. */
  readonly discount: F32;
  /** [B, N, ...observation] and the rest of what was seen next. */
  readonly next: GroupObservation;
  /** [B, N, …] each; what the policy gave besides the action. Empty where it gave nothing. */
  readonly extras: Extras;
}

/** Joint rows: the same row of every group happened at the same moment. The rows of one `add` are in environment order. */
export interface Batch<G extends Groups> {
  /** Rows of every group. */
  readonly groups: { readonly [K in keyof G]: GroupBatch<G[K]> };
  /** [B]; 1 where the row ended its episode. With discount 1 it was truncated. */
  readonly last: Uint8Array;
  /** [B]; which environment the row came from. */
  readonly env: Int32Array;
  /** [B]; what each row counts for in a loss, from 0 to 1: importance weights, 0 where there is no row. Absent: 1 each. */
  readonly weight?: F32;
  /** Names of what was drawn, for `prioritise` of the buffer that drew it. Absent where a buffer does not want them. */
  readonly index?: Int32Array;
}

/** A batch still in order: row t·E + e is step t of environment e. */
export interface Rollout<G extends Groups> {
  /** Steps T of each environment. */
  readonly steps: number;
  /** Number E of environments. */
  readonly numEnvs: number;
  /** The T · E rows. */
  readonly batch: Batch<G>;
  /** Whether every environment begins an episode with the first step, whatever a rollout before ended with. Default false. */
  readonly fresh?: boolean;
}

/** Remembers rows and hands them back, as they were or put together (`Sample`: sequences are drawn as rollouts). */
export interface Buffer<Rows, Sample = Rows> {
  /** Rows remembered now. */
  readonly size: number;
  /** Rows that there is room for. */
  readonly capacity: number;
  /** Copies the rows in; views of any stride are read as what they show. */
  add(rows: Rows): void;
  /**
   * Draws `count` rows or sequences. Without `out` the result is valid until the next sample of this buffer. Schedules of
   * the buffer see the clock; without one they are at their start.
   */
  sample(count: number, rng: Rng, clock?: Clock, out?: Sample): Sample;
  /** How wrong a learner was about what it was given: `index` of the sample, and what `update` returned as `error`. */
  prioritise?(index: Int32Array, error: F32): void;
  /** What is added from now on does not continue the episodes that are remembered: they were broken off. */
  cut?(): void;
  /** Everything remembered, as plain data that the caller owns. */
  save?(): unknown;
  /**
   * The same without a copy: `Streamed` in place of large arrays. Valid until the buffer changes; reading it later throws.
   * What was made of it by writing and loading is what `save` would have returned.
   */
  lend?(): unknown;
  /** Continues from what `save` returned, which is copied. */
  load?(saved: unknown): void;
}

/** Numbers by name, of one update. */
export type Metrics = Readonly<Record<string, number>>;

/** One part of an action, in the order in which the parts lie in an output row and in an action row. */
export type HeadPart =
  /** `n` logits; the action is one index, the most probable one or a sample. */
  | { readonly kind: 'choice'; readonly n: number }
  /** Real numbers, taken as they are; exploration may add to them between the bounds. */
  | { readonly kind: 'real'; readonly low: readonly number[]; readonly high: readonly number[] }
  /**
   * Normal distributions: all means, then all log standard deviations. Drawn while exploring, else the mean; then tanh
   * into the bounds where `squash` (Haarnoja et al. 2018, appendix C), else clipped to them.
   */
  | {
      readonly kind: 'gaussian';
      /** Bounds of each number. */
      readonly low: readonly number[];
      /** Bounds of each number. */
      readonly high: readonly number[];
      /** Whether tanh takes the numbers into the bounds; else they are clipped. */
      readonly squash: boolean;
    };

/** What an acting step is given. */
export type ActingInput = {
  /** [P] */
  readonly theta: Tensor;
  /** [E, N, ...observation] */
  readonly observation: Tensor;
  /** [E, N, H]; what the agents remember, for a step with memory. */
  readonly memory?: Tensor;
  /** Random numbers, for a step that wants some. */
  readonly noise?: Tensor;
};

/** What an acting step answers. */
export type ActingOutput = {
  /** [E, N, W] */
  readonly output: Tensor;
  /** [E, N, H]; what to remember, for a step with memory. */
  readonly memory?: Tensor;
};

/** How one group acts: what policies run and what an export writes to a file. */
export interface Acting {
  /** Pure. The carry is empty. */
  readonly step: ComputeStep<Record<string, never>, ActingInput, ActingOutput>;
  /** [P]; the group's parameters in this state: a view, valid until the state is consumed. */
  readonly theta: F32;
  /** How an output row becomes an action row. */
  readonly head: readonly HeadPart[];
  /** Width H of an agent's memory, which is zero where an episode begins. Absent for steps without. */
  readonly memory?: number;
  /** Noise that the step is given: its shape for E environments, and whether `always`, or zeros in its place unless exploring. */
  readonly noise?: { readonly shape: (numEnvs: number) => NoiseShape; readonly always: boolean };
}

/** `explore` while collecting (choices sampled, noise added), `exploit` to show what was learnt. */
export type Mode = 'explore' | 'exploit';

/**
 * What an update returns: the next state, numbers, and, by learners that have them, errors: [B], one per row of the
 * experience, of either sign, not weighted by `weight`, averaged over the agents that are active in the row. Prioritised
 * buffers rank by them. The array is valid until the next update.
 */
export type Updated<S> = readonly [state: S, metrics: Metrics, error?: F32 | undefined];

/** An algorithm: a state, how to act from it, how to improve it. S is plain data at rest, opaque to everyone else. */
export interface Learner<G extends Groups, S, Experience> {
  /** The state to begin with; the same for the same stream. */
  init(rng: Rng): S;
  /** Called once per run; afterwards the policies are handed each new state by `update`. */
  policies(state: S, mode: Mode): Policies<G, S>;
  /** Consumes `state` (reading it afterwards throws; `structuredClone` it to keep it) and returns the next one. */
  update(state: S, experience: Experience, rng: Rng, clock: Clock): MaybePromise<Updated<S>>;
  /** The pure acting step of every group. */
  acting?(state: S): { readonly [K in keyof G]: Acting };
}

// ── running ────────────────────────────────────────────────────────────────

/** One finished episode. */
export interface Episode<G extends Groups> {
  /** Index of the environment it was played in. */
  readonly env: number;
  /** Steps of that environment. */
  readonly length: number;
  /** Undiscounted sum of rewards, at each step averaged over the living agents of the group. */
  readonly returns: { readonly [K in keyof G]: number };
}

/** All that is needed to continue a run bit for bit. Plain data, owned by whoever asked for it. */
export interface Snapshot<S> {
  /** The learner's. */
  readonly state: S;
  /** Environment steps done, summed over the environments. */
  readonly steps: number;
  /** Updates done. */
  readonly updates: number;
  /** Of the latest update; empty before the first. */
  readonly metrics: Metrics;
  /** Positions of the streams that the run draws from, by name. */
  readonly rng: Readonly<Record<string, unknown>>;
  /** What the buffer saved or lent; undefined without one, or where it saves nothing. */
  readonly buffer: unknown;
  /** What each group's policy saved; undefined for those without memory. */
  readonly policies: Readonly<Record<string, unknown>>;
  /** Absent where the environment cannot be saved: the run then continues at an episode's start. */
  readonly env?: unknown;
  /** The account of the episodes that go on. */
  readonly running: {
    /** [E]; steps so far. */
    readonly lengths: readonly number[];
    /** By group [E]; sum of rewards so far, at each step averaged over the living agents. */
    readonly returns: Readonly<Record<string, readonly number[]>>;
  };
}

/** What a training loop yields. */
export interface Progress<G extends Groups, S = unknown> extends Clock {
  /** Updates done so far. */
  readonly updates: number;
  /** Episodes that ended since the last progress. */
  readonly episodes: readonly Episode<G>[];
  /** Of the latest update; empty before the first. */
  readonly metrics: Metrics;
  /** The learner state as it is now. Consumed by the next update: use `snapshot` to keep it. */
  readonly state: S;
  /** Everything that the run consists of, copied: yours to keep. Throws once the run has gone on. */
  snapshot(): Snapshot<S>;
  /**
   * The same for being written at once: the buffer is lent, not copied (where it can be, see `Buffer.lend`), and must have
   * been read before the run goes on. Throws once it has.
   */
  lend(): Snapshot<S>;
}

/** Yields progress, returns the final state. Breaking out of the loop stops training. */
export type Training<G extends Groups, S> = AsyncGenerator<Progress<G, S>, S, void>;

export type { JointObservation };
