import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurvePoint } from './curve.js';

/** A mean with its 95 % interval over episodes. */
export interface RoundedEstimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly episodes: number;
}

/** What a run of an experiment ends with: the last line of `--json`. */
export interface Result {
  readonly name: string;
  readonly seed: number;
  readonly steps: number;
  readonly returns: Readonly<Record<string, RoundedEstimate>>;
  /** By training: what was noted along the way, where anything was. */
  readonly curves?: Readonly<Record<string, readonly CurvePoint[]>>;
  readonly seconds: number;
  readonly runtime: string;
}

/** A result with the command that made it, as it stands in `docs/results`. */
export interface ResultFile extends Result {
  readonly command: string;
}

/** The command that makes a result again. */
export const commandOf = ({ name, seed, steps }: Pick<Result, 'name' | 'seed' | 'steps'>): string =>
  `npm run experiment -- ${name} --seed ${seed} --steps ${steps} --save`;

export const fileNameOf = ({ name, seed }: Pick<Result, 'name' | 'seed'>): string => `${name}-seed${seed}.json`;

/** Writes a result; whoever reads the file meanwhile sees the old one or the new one. */
export const writeResult = (folder: string, result: Result): void => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, fileNameOf(result));
  const content: ResultFile = { ...result, command: commandOf(result) };
  writeFileSync(`${file}.partial`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${file}.partial`, file);
};

const isEstimate = (value: unknown): value is RoundedEstimate => {
  const { mean, low, high, episodes } = (value ?? {}) as Partial<RoundedEstimate>;
  return [mean, low, high, episodes].every((n) => typeof n === 'number' && Number.isFinite(n));
};

/** What a file holds. Throws an Error that names the file if it is not a result. */
export const readResult = (path: string): ResultFile => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: expected JSON`, { cause: error });
  }
  const { name, seed, steps, returns, command } = (parsed ?? {}) as Partial<ResultFile>;
  const good =
    typeof name === 'string' &&
    Number.isSafeInteger(seed) &&
    Number.isSafeInteger(steps) &&
    typeof command === 'string' &&
    typeof returns === 'object' &&
    returns !== null &&
    Object.values(returns).every(isEstimate);
  if (!good) throw new Error(`${path}: expected name, seed, steps, returns and command of an experiment`);
  return parsed as ResultFile;
};

/** Whether the file of this run is there, made by the same command. */
export const isFinished = (folder: string, run: Pick<Result, 'name' | 'seed' | 'steps'>): boolean => {
  try {
    const found = readResult(join(folder, fileNameOf(run)));
    return found.steps === run.steps && found.command === commandOf(run);
  } catch {
    return false; // not there, or not a result: it is made anew
  }
};
