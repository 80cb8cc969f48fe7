import type { Estimate } from '@troupe/core';
import type { Runtime } from '@troupe/runtime';

/** What an experiment is told. */
export interface ExperimentRun {
  readonly seed: number;
  readonly steps: number;
  readonly runtime: Runtime;
  /** Called now and then with the steps done and what to say about them. */
  readonly progress: (steps: number, message: string) => void;
}

/** Evaluated returns by name: of groups, or of comparisons named by who plays whom. */
export type Returns = Readonly<Record<string, Estimate>>;

/** A long learning run that anyone can repeat: a name, a number of steps, a seed. */
export interface Experiment {
  readonly name: string;
  readonly about: string;
  /** Environment steps where `--steps` is not given. */
  readonly steps: number;
  run(given: ExperimentRun): Promise<Returns>;
}
