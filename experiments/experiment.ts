import type { Estimate, Groups, Progress, Snapshot } from '@troupe/core';
import type { Runtime } from '@troupe/runtime';

/** How one training of an experiment is kept, so that it can go on after an interruption. */
export interface KeptTraining<S> {
  /** Where to go on, for `offPolicy` and `onPolicy`: spread it into their settings. Empty at the beginning. */
  readonly from: { readonly resume?: Snapshot<S> };
  /** To be called with every progress; writes a checkpoint when one is due. */
  keep(progress: Progress<Groups, S>): Promise<void>;
  /** What is measured along the way: the result holds means over parts of the run. */
  note(steps: number, values: Readonly<Record<string, number>>): void;
}

/** What an experiment is told. */
export interface ExperimentRun {
  readonly seed: number;
  readonly steps: number;
  readonly runtime: Runtime;
  /** Called now and then with the steps done and what to say about them. */
  readonly progress: (steps: number, message: string) => void;
  /** The checkpoints of a training, by a name of letters, digits and hyphens of its own. */
  readonly training: <S>(name: string) => Promise<KeptTraining<S>>;
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
