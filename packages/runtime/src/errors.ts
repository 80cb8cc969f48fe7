import { isTensor } from './tensor.js';

/** A step was refused: what it does cannot be compiled, or what it was given does not fit. The message names the cure. */
export class StepError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = 'StepError';
}

/** `step 'name': what is wrong. What to do.` */
export const refuse = (step: string, offence: string, cure: string, cause?: unknown): StepError =>
  new StepError(`step '${step}': ${offence}. ${cure}`, cause === undefined ? {} : { cause });

/** A value as it should appear in a message: short, with its kind. */
export const shown = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'function') return 'a function';
  if (isTensor(value)) return `a tensor of shape [${value.shape.join(', ')}]`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
  return `${value as number | boolean | bigint}`;
};

/** A path for messages: `actor.layers.0`, or `(root)`. */
export const pathOf = (path: readonly string[]): string => (path.length === 0 ? '(root)' : path.join('.'));
