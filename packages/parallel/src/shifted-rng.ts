import type { Rng } from '@troupe/core';

const ENVIRONMENT = /^environment (\d+)$/;

/**
 * A stream whose children `environment 0`, `environment 1`, … are the children `environment first`, … of the one given,
 * here and in its other children. Environments [first, …) of many, made as environments [0, …) of fewer, so play the
 * episodes that they would play among the many.
 */
export const shiftedRng = (rng: Rng, first: number): Rng =>
  first === 0
    ? rng
    : {
        uniform: () => rng.uniform(),
        int: (n) => rng.int(n),
        normal: () => rng.normal(),
        fillInt: (out, n) => rng.fillInt(out, n),
        fillUniform: (out) => rng.fillUniform(out),
        fillNormal: (out) => rng.fillNormal(out),
        split(name) {
          const environment = name === undefined ? null : ENVIRONMENT.exec(name);
          if (environment) return rng.split(`environment ${first + Number(environment[1])}`);
          return shiftedRng(rng.split(name), first);
        },
        save: () => rng.save(),
        load: (saved) => rng.load(saved),
      };
