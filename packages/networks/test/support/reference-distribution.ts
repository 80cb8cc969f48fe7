/** Distributions in double precision, row by row, written as plainly as possible: what the tensors are compared with. */
import { choicesOf, headOf, type Space } from '@troupe/core';
import type { DistributionOptions } from '../../src/index.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const logSdOf = (raw: number, { deviation = 'log' }: DistributionOptions): number => {
  if (deviation === 'log') return raw;
  if (deviation === 'sigmoid') return Math.log(0.5 * sigmoid(raw));
  if (deviation === 'clamped') return Math.min(2, Math.max(-20, raw));
  if (deviation === 'tanh') return -5 + 3.5 * (Math.tanh(raw) + 1);
  return Math.log(0.7 * sigmoid(raw / 2)); // the one that the hybrid case makes
};

const softmax = (logits: readonly number[], legal: readonly number[]): readonly number[] => {
  const weights = logits.map((x, i) => (legal[i] === 1 ? Math.exp(x) : 0));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
};

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const normal = (x: number, mean: number, sd: number): number =>
  -(((x - mean) / sd) ** 2) / 2 - Math.log(sd) - Math.log(2 * Math.PI) / 2;
const logSlope = (u: number): number => 2 * (Math.LN2 - Math.abs(u) - Math.log1p(Math.exp(-2 * Math.abs(u))));

export const reference = (space: Space, options: DistributionOptions) => {
  const head = headOf(space);
  const counts = head.flatMap((part) => (part.kind === 'choice' ? [part.n] : []));
  const real = head.find((part) => part.kind === 'real');
  const size = real?.low.length ?? 0;
  const read = (output: readonly number[], legal: readonly number[]) => {
    let at = 2 * size;
    const mask = choicesOf(space) > 0 ? legal : [];
    return {
      mean: output.slice(0, size),
      sd: output.slice(size, 2 * size).map((raw) => Math.exp(logSdOf(raw, options))),
      p: counts.map((n) => {
        const own = softmax(output.slice(at, at + n), mask.slice(at - 2 * size, at - 2 * size + n));
        at += n;
        return own;
      }),
    };
  };
  return {
    counts,
    logProb(output: readonly number[], action: readonly number[], legal: readonly number[]): number {
      const { mean, sd, p } = read(output, legal);
      const reals = mean.map((m, i) => {
        if (!options.squashed) return normal(action[i]!, m, sd[i]!);
        const [low, high] = [real!.low[i]!, real!.high[i]!];
        const u = Math.atanh((action[i]! - (high + low) / 2) / ((high - low) / 2));
        return normal(u, m, sd[i]!) - logSlope(u);
      });
      return sum(reals) + sum(p.map((own, k) => Math.log(own[action[size + k]!]!)));
    },
    entropy(output: readonly number[], legal: readonly number[]): number {
      const { mean, sd, p } = read(output, legal);
      const reals = mean.map((m, i) => {
        const plain = 0.5 + Math.log(2 * Math.PI) / 2 + Math.log(sd[i]!);
        if (!options.squashed) return plain;
        let mass = 0;
        for (let z = -8; z < 8; z += 1e-2) mass += Math.exp(normal(z, 0, 1)) * logSlope(m + sd[i]! * z) * 1e-2;
        return plain + mass;
      });
      return sum(reals) - sum(p.map((own) => sum(own.map((x) => (x === 0 ? 0 : x * Math.log(x))))));
    },
    kl(old: readonly number[], now: readonly number[], legal: readonly number[]): number {
      const [a, b] = [read(old, legal), read(now, legal)];
      const reals = a.mean.map((m, i) => {
        const [s0, s1] = [a.sd[i]!, b.sd[i]!];
        return ((s0 / s1) ** 2 + ((m - b.mean[i]!) / s1) ** 2 - 1) / 2 - Math.log(s0 / s1);
      });
      const choices = a.p.map((own, k) => sum(own.map((x, i) => (x === 0 ? 0 : x * Math.log(x / b.p[k]![i]!)))));
      return sum(reals) + sum(choices);
    },
  };
};
