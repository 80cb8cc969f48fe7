import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Snapshot } from '@troupe/core';
import { folderStore, keeper, newest } from '@troupe/keep';
import { curveOf, type Curve, type CurvePoint } from './curve.js';
import type { ExperimentRun, KeptTraining } from './experiment.js';

/** At least so many checkpoints per training, and one in so many milliseconds. */
const CHECKPOINTS = 10;
const PATIENCE = 300_000;

/** What must be the same for a run to go on. */
export interface RunIdentity {
  readonly name: string;
  readonly seed: number;
  readonly steps: number;
  readonly runtime: string;
}

/** The checkpoints of one run of an experiment, and how long it has taken until now. */
export interface KeptRun {
  readonly training: ExperimentRun['training'];
  /** Seconds of this run, those before an interruption included as far as a checkpoint knows of them. */
  seconds(): number;
  /** What was noted along the way, by training; those without are not there. */
  curves(): Readonly<Record<string, readonly CurvePoint[]>>;
  /** Forgets the checkpoints: the run has ended. */
  finish(): void;
}

/**
 * Keeps the trainings of a run below `folder`. Without `resume` what is there is removed, and the run begins anew; with
 * it every training goes on from its own last checkpoint: one that had ended does its last steps again, with the same
 * result.
 */
export const keptRun = (
  folder: string,
  config: RunIdentity,
  { resume, say }: { readonly resume: boolean; readonly say: (message: string) => void },
): KeptRun => {
  if (!resume) rmSync(folder, { recursive: true, force: true });
  const began = performance.now();
  /** Seconds before the interruption, as the latest checkpoint has them. */
  let before = 0;
  const seconds = (): number => before + (performance.now() - began) / 1000;

  const curves = new Map<string, Curve>();

  const training = async <S>(name: string): Promise<KeptTraining<S>> => {
    const store = folderStore(join(folder, name));
    const found = await newest<Snapshot<S>>(store, { config, warn: say });
    before = Math.max(before, found?.metrics['seconds'] ?? 0);
    const curve = curveOf(config.steps);
    curve.load(found?.metrics ?? {});
    curves.set(name, curve);
    if (found) say(`${name}: goes on from step ${found.steps}`);
    else if (resume) say(`${name}: no checkpoint, begins at step 0`);
    const checkpoints = keeper(store, { last: 2, interval: Math.ceil(config.steps / CHECKPOINTS), config });
    checkpoints.due(found?.steps ?? 0);
    let written = performance.now();
    return {
      from: found ? { resume: found.state } : {},
      async keep(progress) {
        if (!checkpoints.due(progress.steps) && performance.now() - written < PATIENCE) return;
        await checkpoints.save(progress, { ...curve.save(), seconds: seconds() });
        written = performance.now();
      },
      note: (steps, values) => curve.note(steps, values),
    };
  };
  const noted = (): Readonly<Record<string, readonly CurvePoint[]>> =>
    Object.fromEntries(
      [...curves].flatMap(([name, curve]) => {
        const points = curve.points();
        return points.length > 0 ? [[name, points] as const] : [];
      }),
    );
  return { training, seconds, curves: noted, finish: () => rmSync(folder, { recursive: true, force: true }) };
};
