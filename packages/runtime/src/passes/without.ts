import { lateRules, passesThat, standardPasses, standardRules, type Pass } from './index.js';

/** The names of everything that the standard passes do, as `passesWithout` takes them. */
export const rewriteNames: readonly string[] = [
  ...new Set([...[...standardRules, ...lateRules].map(({ name }) => name), ...standardPasses.map(({ name }) => name)]),
];

/**
 * The standard passes with some of their rewrites left out, to see what they gain: `onnx({ passes: passesWithout('relu masks') })`.
 * Names are in `rewriteNames`.
 * Throws a RangeError for a name that is not among them.
 */
export const passesWithout = (...names: readonly string[]): readonly Pass[] => {
  const unknown = names.find((name) => !rewriteNames.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`passesWithout: expected some of ${rewriteNames.join(', ')}; got '${unknown}'`);
  }
  return passesThat(({ name }) => !names.includes(name));
};
