import * as tf from '@tensorflow/tfjs-core';
import { partSize, type HeadPart } from '@troupe/core';
import { gumbelSoftmax, maskLogits, modeOneHot, sampleOneHot } from '@troupe/networks';
import type { Team } from './agents.js';

/** How choices are made from logits inside a step. */
export type Choosing = 'mode' | 'sample' | 'soft' | 'straightThrough';

/** [B, W] in parts along the last axis. */
const partsOf = (head: readonly HeadPart[], x: tf.Tensor2D): readonly tf.Tensor2D[] =>
  head.length === 1 ? [x] : tf.split<tf.Tensor2D>(x, head.map(partSize), 1);

const joined = (parts: readonly tf.Tensor2D[]): tf.Tensor2D =>
  parts.length === 1 ? parts[0]! : tf.concat2d([...parts], 1);

/** The legal-action mask covers the choices only: it is spread over the parts in order. */
const masksOf = (head: readonly HeadPart[], legal: tf.Tensor2D | undefined): readonly (tf.Tensor2D | undefined)[] => {
  if (legal === undefined) return head.map(() => undefined);
  const choices = head.filter((part) => part.kind === 'choice');
  const each =
    choices.length === 1
      ? [legal]
      : tf.split<tf.Tensor2D>(
          legal,
          choices.map((part) => part.n),
          1,
        );
  let next = 0;
  return head.map((part) => (part.kind === 'choice' ? each[next++] : undefined));
};

/** tanh on the real parts; logits stay as they are. What the output penalty is taken of. [B, W] → [B, W]. */
export const squash = (team: Team, raw: tf.Tensor2D): tf.Tensor2D =>
  joined(partsOf(team.head, raw).map((x, i) => (team.head[i]!.kind === 'real' ? tf.tanh(x) : x)));

/** Real parts from (−1, 1) to the bounds of the action. */
const toBounds = (part: HeadPart & { readonly kind: 'real' }, x: tf.Tensor2D): tf.Tensor2D => {
  const half = part.high.map((high, i) => (high - part.low[i]!) / 2);
  const middle = part.high.map((high, i) => (high + part.low[i]!) / 2);
  const scaled = half.every((h) => h === 1) ? x : tf.mul<tf.Tensor2D>(x, tf.tensor1d(half));
  return middle.every((m) => m === 0) ? scaled : tf.add(scaled, tf.tensor1d(middle));
};

/** The network's output as `Acting` promises it: logits, and real numbers within their bounds. [B, W] → [B, W]. */
export const bounded = (team: Team, squashed: tf.Tensor2D): tf.Tensor2D =>
  joined(
    partsOf(team.head, squashed).map((x, i) => {
      const part = team.head[i]!;
      return part.kind === 'real' ? toBounds(part, x) : x;
    }),
  );

/**
 * An encoded action from a squashed output: real parts within their bounds, one Gumbel draw per choice (never one over
 * the union of several heads). `noise` [B, W] is wanted by every way of choosing but the mode.
 */
export const chosen = (x: {
  readonly team: Team;
  readonly squashed: tf.Tensor2D;
  readonly legal: tf.Tensor2D | undefined;
  /** Gumbel. */
  readonly noise: tf.Tensor2D | undefined;
  readonly how: Choosing;
  readonly temperature: number;
}): tf.Tensor2D => {
  const { head } = x.team;
  const masks = masksOf(head, x.legal);
  const noises = x.noise ? partsOf(head, x.noise) : [];
  return joined(
    partsOf(head, x.squashed).map((part, i) => {
      const kind = head[i]!;
      if (kind.kind === 'real') return toBounds(kind, part);
      const logits = maskLogits(part, masks[i]);
      if (x.how === 'mode') return modeOneHot(logits);
      const noise = noises[i]!;
      if (x.how === 'sample') return sampleOneHot(logits, noise);
      return gumbelSoftmax({ logits, noise, temperature: x.temperature, kind: x.how });
    }),
  );
};
