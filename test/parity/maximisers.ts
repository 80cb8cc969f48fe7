/** Replays recorded runs of the cross-entropy method and of CMA-ES through the public interface. */
import * as tf from '@tensorflow/tfjs-core';
import type { Rng } from '@troupe/core';
import { cmaEs, crossEntropy } from '@troupe/q-learning';
import type { Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Quadratic {
  readonly Q: readonly (readonly number[])[];
  readonly c: readonly number[];
}
interface CemProblem {
  readonly objective: Quadratic;
  readonly initialMean: readonly number[];
  readonly noise: { readonly standardNormals: readonly Numbers[] };
}
interface CemIterations {
  readonly iterations: readonly {
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly best: readonly number[];
  }[];
}
/** FORMAT.md, section 9: `cem`, in the bounded form (several problems) or that of rllab (one). */
export interface CemGolden extends Partial<CemProblem> {
  readonly algorithm: 'cem';
  readonly config: {
    readonly populationSize: number;
    readonly elites: number;
    readonly initialStd: number;
    readonly extraStd?: number;
    readonly extraDecayIterations?: number;
    readonly smoothing?: number;
    readonly minStd?: number;
    readonly low?: number;
    readonly high?: number;
  };
  readonly problems?: readonly CemProblem[];
  readonly expected: Partial<CemIterations> & { readonly problems?: readonly CemIterations[] };
}

/** A box that no candidate reaches, where the recording has none: shares of its half width are shares of 1000. */
const FAR = 1000;

/** Replays every recorded number of iterations, all problems of a file at once. */
export const replayCem = async (golden: CemGolden, runtime: Runtime): Promise<Worst> => {
  const { config } = golden;
  const recorded = golden.problems ?? [golden as CemProblem];
  const wanted = golden.expected.problems ?? [golden.expected as CemIterations];
  const size = recorded[0]!.initialMean.length;
  const [low, high] = [config.low ?? -FAR, config.high ?? FAR];
  const half = (high - low) / 2;
  const all = (of: (problem: CemProblem) => Numbers, ...shape: number[]) =>
    ndarray(Float32Array.from(recorded.flatMap((problem) => flatten(of(problem)))), [recorded.length, ...shape]);
  const worst = worstOf();
  for (let k = 0; k < wanted[0]!.iterations.length; k++) {
    const maximiser = crossEntropy({
      samples: config.populationSize,
      elites: config.elites,
      iterations: k + 1,
      initialDeviation: config.initialStd / half,
      smoothing: config.smoothing ?? 0,
      smoothed: 'deviation',
      minDeviation: (config.minStd ?? 0) / half,
      floor: 'max',
      extraDeviation: (config.extraStd ?? 0) / half,
      extraDecay: config.extraDecayIterations ?? 1,
      elitism: false,
    });
    const step = runtime.compile<Record<string, never>, Record<string, tf.Tensor>, Record<string, tf.Tensor>>(
      (carry, { Q, c, start, noise }) => {
        const { action, search } = maximiser.maximise({
          score(candidates) {
            const apart = tf.sub<tf.Tensor3D>(candidates, tf.expandDims(c!, 1));
            return tf.mul(tf.sum(tf.mul(tf.matMul(apart, Q as tf.Tensor3D), apart), 2), -0.5);
          },
          problems: recorded.length,
          low: new Array<number>(size).fill(low),
          high: new Array<number>(size).fill(high),
          noise: noise!,
          start: start as tf.Tensor2D,
        });
        return { carry, output: { best: action, mean: search['mean']!, std: search['deviation']! } };
      },
      { name: `cem ${k + 1}` },
    );
    const { output } = await step.run(
      { layout: [], flat: new Float32Array(0) },
      {
        Q: all(({ objective }) => objective.Q, size, size),
        c: all(({ objective }) => objective.c, size),
        start: all(({ initialMean }) => initialMean, size),
        noise: all(({ noise }) => noise.standardNormals.slice(0, k + 1), k + 1, config.populationSize, size),
      },
    );
    wanted.forEach(({ iterations }, p) => {
      for (const name of ['mean', 'std', 'best'] as const) {
        const have = (output[name]!.data as Float32Array).slice(p * size, (p + 1) * size);
        worst.see(`problem ${p}, iteration ${k + 1}: ${name}`, relativeError(have, iterations[k]![name]), size);
      }
    });
    step.dispose();
  }
  return worst.result();
};

/** FORMAT.md, section 9: `cma-es`. */
export interface CmaEsGolden {
  readonly algorithm: 'cma-es';
  readonly config: {
    readonly populationSize: number;
    readonly initialSigma: number;
    readonly constants: Readonly<Record<string, number | readonly number[]>>;
  };
  readonly objective: Quadratic;
  readonly initialMean: readonly number[];
  readonly expected: {
    readonly iterations: readonly {
      readonly symmetricNormals: Numbers;
      readonly candidates: Numbers;
      readonly mean: readonly number[];
      readonly sigma: number;
      readonly covariance: Numbers;
      readonly pathSigma: readonly number[];
      readonly pathC: readonly number[];
    }[];
  };
}

const NAMES = {
  mu: 'parents',
  muEff: 'muEff',
  cSigma: 'cSigma',
  dSigma: 'dSigma',
  cC: 'cC',
  c1: 'c1',
  cMu: 'cMu',
  chiN: 'chiN',
  weights: 'weights',
} as const;

/** Replays a recorded search: constants, candidates from the recorded normals, and every update. In double precision. */
export const replayCmaEs = (golden: CmaEsGolden): Worst => {
  const { config, objective, initialMean, expected } = golden;
  const n = initialMean.length;
  const search = cmaEs({ size: n, sigma: config.initialSigma, population: config.populationSize });
  const worst = worstOf();
  for (const [name, own] of Object.entries(NAMES)) {
    const value = [config.constants[name]!].flat();
    worst.see(`constant ${name}`, relativeError([search.constants[own]].flat(), value), value.length);
  }
  let state = search.init(initialMean);
  expected.iterations.forEach((want, k) => {
    const normals = flatten(want.symmetricNormals);
    let at = 0;
    const recorded = {
      fillNormal(out: Float64Array) {
        out.set(normals.slice(at, at + out.length));
        at += out.length;
        return out;
      },
    } as unknown as Rng;
    const asked = search.ask(state, recorded);
    const scores = Array.from({ length: config.populationSize }, (_, i) => {
      const apart = objective.c.map((c, j) => asked.candidates[i * n + j]! - c);
      return -0.5 * apart.reduce((sum, a, j) => sum + a * apart.reduce((s, b, l) => s + objective.Q[j]![l]! * b, 0), 0);
    });
    state = search.tell(state, asked, scores);
    const see = (name: string, have: ArrayLike<number>, list: Numbers) =>
      worst.see(`iteration ${k + 1}: ${name}`, relativeError(have, flatten(list)), flatten(list).length);
    see('candidates', asked.candidates, want.candidates);
    see('mean', state.mean, want.mean);
    see('sigma', [state.sigma], want.sigma);
    see('covariance', state.covariance, want.covariance);
    see('pathSigma', state.pathSigma, want.pathSigma);
    see('pathC', state.pathC, want.pathC);
  });
  return worst.result();
};
