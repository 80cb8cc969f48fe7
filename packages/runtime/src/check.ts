import { pathOf, refuse, shown, type StepError } from './errors.js';
import { sizeOf, type LeafSpec, type RestData } from './rest.js';
import type { LayoutEntry } from './types.js';

/**
 * What is looked through for NaN and infinities after every run: `always` outputs and the next carry, `outputs` only
 * those, `never` nothing.
 */
export type Check = 'always' | 'outputs' | 'never';

const choices: readonly unknown[] = ['always', 'outputs', 'never'] satisfies Check[];

/** Throws a TypeError that begins with `where` for anything that is no `Check`. */
export const checkOption = (check: Check, where: string): Check => {
  if (!choices.includes(check)) {
    throw new TypeError(`${where}: check: expected 'always', 'outputs' or 'never', got ${shown(check)}`);
  }
  return check;
};

/** Are all numbers finite? Four sums at a time; 0·x is NaN for what is not. */
export const allFinite = (data: RestData): boolean => {
  if (!(data instanceof Float32Array)) return true;
  const { length } = data;
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += data[i]! * 0;
    b += data[i + 1]! * 0;
    c += data[i + 2]! * 0;
    d += data[i + 3]! * 0;
  }
  for (; i < length; i++) a += data[i]! * 0;
  return a + b + c + d === 0;
};

interface Offender {
  readonly path: readonly string[];
  readonly value: number;
  readonly index: number;
}

const within = (path: readonly string[], data: RestData): Offender | undefined => {
  const index = data.findIndex((x) => !Number.isFinite(x));
  return index < 0 ? undefined : { path, value: data[index]!, index };
};

/** A list of leaves with their numbers. */
export interface Leaves {
  readonly specs: readonly Pick<LeafSpec, 'path'>[];
  readonly data: readonly RestData[];
}

const firstOf = ({ specs, data }: Leaves): Offender | undefined => {
  for (const [i, { path }] of specs.entries()) {
    const found = within(path, data[i]!);
    if (found) return found;
  }
  return undefined;
};

/** The leaves of a carry as views. */
export const carryViews = (layout: readonly LayoutEntry[], flat: Float32Array): Leaves => {
  let offset = 0;
  const data = layout.map(({ shape }) => flat.subarray(offset, (offset += sizeOf(shape))));
  return { specs: layout, data };
};

const say = (what: string, { path, value, index }: Offender): string =>
  `${what} ${pathOf(path)} is ${value} (element ${index})`;

/**
 * The error for a run whose results are not finite. Names the first output, or else the first leaf of the next carry; and
 * what was given, if that was not finite already.
 */
export const notFinite = (
  step: string,
  results: { readonly output: Leaves; readonly carry: Leaves },
  given: { readonly input: Leaves; readonly carry: Leaves },
): StepError => {
  const output = firstOf(results.output);
  const next = firstOf(results.carry);
  const what = output ? say('its output', output) : next ? say('the next carry at', next) : 'a result is not finite';
  const [before, input] = [firstOf(given.carry), firstOf(given.input)];
  const from = before
    ? `; the carry it was given holds ${before.value} at ${pathOf(before.path)} already`
    : input
      ? `; its input ${pathOf(input.path)} holds ${input.value} (element ${input.index})`
      : '';
  return refuse(
    step,
    what + from,
    "The carry given is as it was, so that training can go on from it. To allow such results: check: 'never' in the runtime's options",
  );
};
