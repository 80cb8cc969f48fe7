import type { Report } from './frames.js';
import { difference, noteReset, noteStep, player, type Moment } from './play.js';
import type { Subject } from './subject.js';
import type { Groups } from '../env.js';
import { rng } from '../rng.js';
import type { JointAction } from '../vec.js';

/** Data in words, to see whether it changed. */
const inWords = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => {
    if (ArrayBuffer.isView(value)) return [value.constructor.name, ...(value as Float64Array)].map(String);
    return typeof value === 'number' ? String(value) : value;
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Saves in the middle of a run, goes on, and goes on again from what was saved, in a fresh environment if there is one. */
export const checkSave = async (
  { vec, world }: Subject,
  options: { readonly seed: number; readonly steps: number; readonly first: number },
  report: Report,
): Promise<void> => {
  const sample = world?.() ?? vec();
  if ((sample.save === undefined) !== (sample.load === undefined)) {
    report('load continues', `expected save and load together, got ${sample.save ? 'save' : 'load'} alone`);
    return;
  }
  if (!sample.save) return;
  const env = vec();
  const choose = player(env, options.seed);
  let seen = await env.reset(rng(options.seed));
  const until = Math.max(1, Math.floor(options.first / 2));
  for (let t = 0; t < until; t++) seen = (await env.step(choose(seen))).current;

  const here = noteReset(seen);
  const saved = env.save!();
  let kept: unknown;
  try {
    kept = structuredClone(saved);
  } catch (error) {
    report('save is plain', `expected plain data from save, got what cannot be cloned: ${messageOf(error)}`);
    return;
  }
  const words = inWords(saved);
  const actions: JointAction<Groups>[] = [];
  const expected: Moment[] = [here];
  for (let t = 0; t < options.steps; t++) {
    const chosen = choose(seen);
    actions.push(chosen);
    const step = await env.step(chosen);
    expected.push(noteStep(step));
    seen = step.current;
  }
  if (inWords(saved) !== words) {
    report('save is owned', 'expected what save returned to stay as it was, got other data after more steps');
    return;
  }
  try {
    const other = vec();
    const found: Moment[] = [noteReset(other.load!(kept))];
    for (const one of actions) found.push(noteStep(await other.step(one)));
    const differs = difference(expected, found);
    if (differs) report('load continues', `expected a run to continue from load as it did from save, got ${differs}`);
    else if (inWords(kept) !== words) {
      report('save is owned', 'expected load to copy what it is given, got other data in it after more steps');
    }
  } catch (error) {
    report(
      'load continues',
      `expected a run to continue from load as it did from save, got the error: ${messageOf(error)}`,
    );
  }
};
