import type { HeadPart } from '../learn.js';
import { boundOf, sizeOf, type Space } from '../space.js';

/** The parts of an action from a space, in order. */
export const headOf = (space: Space): readonly HeadPart[] => {
  switch (space.kind) {
    case 'discrete':
      return [{ kind: 'choice', n: space.n }];
    case 'multiDiscrete':
      return space.counts.map((n) => ({ kind: 'choice', n }));
    case 'box': {
      const bounds = (bound: number | readonly number[]) =>
        Array.from({ length: sizeOf(space) }, (_, i) => boundOf(bound, i));
      return [{ kind: 'real', low: bounds(space.low), high: bounds(space.high) }];
    }
    case 'hybrid':
      return [...headOf(space.box), ...headOf(space.choices)];
  }
};

/**
 * The head of a stochastic policy: `headOf` with a normal distribution in place of real numbers. `squash` says whether
 * what is drawn goes through tanh into the bounds, or is clipped to them. Throws a RangeError where squashing meets a
 * bound that is not finite.
 */
export const stochasticHeadOf = (space: Space, { squash }: { readonly squash: boolean }): readonly HeadPart[] =>
  headOf(space).map((part) => {
    if (part.kind !== 'real') return part;
    const { low, high } = part;
    if (squash && ![...low, ...high].every(Number.isFinite)) {
      throw new RangeError('stochasticHeadOf: expected finite bounds to squash into, got an unbounded box');
    }
    return { kind: 'gaussian', low, high, squash };
  });

/** Width of a part in an output row: its logits, its real numbers, or means and log standard deviations. */
export const partSize = (part: HeadPart): number => {
  switch (part.kind) {
    case 'choice':
      return part.n;
    case 'real':
      return part.low.length;
    case 'gaussian':
      return 2 * part.low.length;
  }
};

/** Width W of an output row. */
export const outputSizeOf = (head: readonly HeadPart[]): number => head.reduce((sum, part) => sum + partSize(part), 0);

/** How many numbers of an action row are drawn from normal distributions. */
export const drawnSizeOf = (head: readonly HeadPart[]): number =>
  head.reduce((sum, part) => sum + (part.kind === 'gaussian' ? part.low.length : 0), 0);
