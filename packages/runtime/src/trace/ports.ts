import { sizeOf } from '../rest.js';
import type { Program, Value } from '../graph/value.js';

/** The names of what goes into a compiled step and comes out of it. */
export const carryIn = 'carry';
/** The next carry. */
export const carryOut = 'carry_';
/** The sum of the next carry: finite if, and almost always only if, all of it is. */
export const carrySum = 'sum_';
/** Name of input leaf `index`. */
export const inputName = (index: number): string => `x${index}`;
/** Name of output leaf `index`. */
export const outputName = (index: number): string => `y${index}`;

/** A stretch of the flat carry that goes in, or comes out, by itself. */
export interface Window {
  readonly name: string;
  readonly offset: number;
  readonly shape: readonly number[];
}

/** The name of a stretch: `carry@128+64` is the 64 numbers from the 128th on; the whole carry is `carry`. */
export const windowName = (port: typeof carryIn | typeof carryOut, offset: number, size: number): string =>
  `${port}@${offset}+${size}`;

const windowOf = (port: string, name: string, { shape }: Value): readonly Window[] => {
  if (name === port) return [{ name, offset: 0, shape }];
  return name.startsWith(`${port}@`) ? [{ name, offset: Number.parseInt(name.slice(port.length + 1), 10), shape }] : [];
};

/** Which parts of the carry a program takes. They may overlap, and need not cover it. */
export const windowsIn = ({ inputs }: Program): readonly Window[] =>
  inputs.flatMap((value) => (value.origin.kind === 'input' ? windowOf(carryIn, value.origin.name, value) : []));

/** Which parts of the next carry a program gives: one after another, without gaps. */
export const windowsOut = ({ outputs }: Program): readonly Window[] =>
  outputs.flatMap(({ name, value }) => windowOf(carryOut, name, value));

/** Is it the carry as a whole? */
export const isWhole = ([first, ...others]: readonly Window[], size: number): boolean =>
  others.length === 0 && first !== undefined && sizeOf(first.shape) === size;
