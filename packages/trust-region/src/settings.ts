import {
  count,
  decode,
  field,
  flag,
  fraction,
  nonNegative,
  oneOf,
  optional,
  positive,
  widths,
  type ConfigOf,
} from '@troupe/core';

/**
 * Every choice in which implementations of these algorithms differ and that changes results. "HARL" is the code of Zhong
 * et al. 2024, "MAPPO code" that of Yu et al. 2022, "Spinning Up" OpenAI's, "CleanRL" its ppo.py.
 */
interface Defaults {
  readonly hidden: readonly number[];
  readonly activation: 'relu' | 'tanh' | 'elu';
  readonly layerNorm: boolean;
  readonly learningRateActor: number;
  readonly learningRateCritic: number;
  readonly adamEpsilon: number;
  readonly maxGradNorm: number | null;
  readonly critic: 'own' | 'joint';
  readonly valueNorm: 'none' | 'moments' | 'popArt';
  readonly valueClip: number | null;
  readonly huber: number | null;
  readonly criticEpochs: number;
  readonly minibatches: number;
  readonly lambda: number;
  readonly parameters: 'separate' | 'shared';
  readonly order: 'together' | 'random' | 'fixed';
  readonly std: 'exp' | 'sigmoid';
}

/** What all of them share: advantages, the critic, the networks. */
const common = (d: Defaults) => ({
  discount: fraction(0.99, 'γ, what the next step is worth'),
  lambda: fraction(d.lambda, 'λ of generalised advantage estimation'),
  truncation: oneOf(
    ['bootstrap', 'terminate', 'discard'],
    'bootstrap',
    'where a clock cut an episode: value of the final observation (right), as if the task had ended (MAPPO code on MPE), or advantage 0 for that row (HARL with proper time limits)',
  ),
  hidden: widths(d.hidden, 'widths of the hidden layers of actors and critics'),
  activation: oneOf(['relu', 'tanh', 'elu'], d.activation, 'after each hidden layer'),
  layerNorm: flag(d.layerNorm, 'layer normalisation of the input and after each hidden layer (HARL, MAPPO code)'),
  std: oneOf(
    ['exp', 'sigmoid'],
    d.std,
    'deviation of real-valued actions from its parameter p: e^p (Spinning Up, CleanRL, MAPPO code), or stdLimit · sigmoid(p / stdScale) (HARL)',
  ),
  stdStart: field(
    -0.5,
    'a finite number',
    'p at the beginning with std exp (Spinning Up: −0.5; CleanRL: 0); with sigmoid it begins at stdScale (HARL)',
    (p): p is number => typeof p === 'number' && Number.isFinite(p),
  ),
  stdScale: positive(1, 'x of σ = y · sigmoid(p / x) (HARL)'),
  stdLimit: positive(0.5, 'y of σ = y · sigmoid(p / x), the largest deviation (HARL)'),
  squash: flag(
    false,
    'tanh of real-valued actions, to their bounds; otherwise they are clipped by the environment only',
  ),
  parameters: oneOf(
    ['separate', 'shared'],
    d.parameters,
    'each agent has an actor of its own, or all agents of a group share one',
  ),
  agentIds: flag(false, "whether a shared actor sees the agent's one-hot id after its observation"),
  critic: oneOf(
    ['own', 'joint'],
    d.critic,
    "what values are taken of: each agent's own observation, or the environment's state (all observations joined where it has none)",
  ),
  order: oneOf(
    ['together', 'random', 'fixed'],
    d.order,
    'agents are updated against the same old joint policy, or one after another with the compound factor, in a new random order at each update or always in the same',
  ),
  learningRateActor: positive(d.learningRateActor, 'step size of the actors'),
  learningRateCritic: positive(d.learningRateCritic, 'step size of the critics'),
  learningRateEnd: fraction(1, 'share of both step sizes that is left at the end of the run, linear in between'),
  adamEpsilon: positive(d.adamEpsilon, 'ε of Adam'),
  maxGradNorm: optional(
    positive(10, 'gradients of one network are scaled down to this norm; null: never'),
    d.maxGradNorm,
  ),
  criticEpochs: count(d.criticEpochs, 'passes of the critic over the rollout in one update'),
  minibatches: count(d.minibatches, 'parts of the rollout, each a gradient step, in one pass'),
  valueNorm: oneOf(
    ['none', 'moments', 'popArt'],
    d.valueNorm,
    'the critic predicts returns as they are, normalised by running moments (HARL, MAPPO code), or so with its last layer rescaled (PopArt, van Hasselt et al. 2016)',
  ),
  valueNormDecay: fraction(0.99999, 'β of the running moments (HARL, MAPPO code)'),
  valueClip: optional(
    positive(0.2, 'values move at most so far from the old ones in the loss; null: not limited'),
    d.valueClip,
  ),
  huber: optional(positive(10, 'δ of the Huber loss of the critic; null: half the squared error'), d.huber),
  normaliseAdvantages: oneOf(
    ['agent', 'group', 'none'],
    'agent',
    'mean 0 and deviation 1 over the living rows of each agent (of all agents that share an actor), over a whole group, or not at all',
  ),
});

/** What makes a step of PPO. */
const clipping = (d: { readonly epochs: number; readonly clip: number; readonly entropy: number }) => ({
  epochs: count(d.epochs, 'passes of each actor over the rollout in one update'),
  clip: positive(d.clip, 'ε: the ratio of one agent and step counts within 1 ± ε'),
  entropy: nonNegative(d.entropy, 'factor on the entropy'),
  maxKl: optional(
    positive(
      0.015,
      'no more steps for an actor once the mean of log π_old − log π exceeds this (Spinning Up: 1.5 · 0.01); null: never',
    ),
  ),
});

/** What makes a step of TRPO. */
const trustRegion = (d: { readonly acceptRatio: number }) => ({
  kl: positive(0.01, 'δ: how far a step may go, as mean KL(π_old ‖ π)'),
  damping: nonNegative(0.1, 'what is added to the diagonal of the Fisher matrix'),
  cgIterations: count(10, 'iterations of conjugate gradients'),
  cgTolerance: nonNegative(1e-10, 'they end when the squared residual is below this'),
  backtrack: fraction(
    0.8,
    'factor from one try of the line search to the next (HARL, Spinning Up: 0.8; HATRPO authors: 0.5)',
  ),
  lineSearchSteps: count(10, 'tries of the line search; if none is accepted, the actor stays exactly as it was'),
  acceptRatio: nonNegative(
    d.acceptRatio,
    'improvement that a try must bring, as a share of what its gradient promises (HATRPO: 0.5; Spinning Up: 0)',
  ),
});

const alone = {
  hidden: [64, 64],
  activation: 'tanh',
  layerNorm: false,
  learningRateActor: 3e-4,
  learningRateCritic: 1e-3,
  adamEpsilon: 1e-5,
  maxGradNorm: 0.5,
  critic: 'own',
  valueNorm: 'none',
  valueClip: null,
  huber: null,
  criticEpochs: 10,
  minibatches: 4,
  lambda: 0.95,
  parameters: 'separate',
  order: 'together',
  std: 'exp',
} satisfies Defaults;

/** HARL's repository defaults. */
const team = {
  hidden: [128, 128],
  activation: 'relu',
  layerNorm: true,
  learningRateActor: 5e-4,
  learningRateCritic: 5e-4,
  adamEpsilon: 1e-5,
  maxGradNorm: 10,
  critic: 'joint',
  valueNorm: 'moments',
  valueClip: 0.2,
  huber: 10,
  criticEpochs: 5,
  minibatches: 1,
  lambda: 0.95,
  parameters: 'separate',
  order: 'random',
  std: 'sigmoid',
} satisfies Defaults;

/** Settings of `ppo`: each agent by itself. */
export const ppoSettings = { ...common(alone), ...clipping({ epochs: 10, clip: 0.2, entropy: 0 }) };
/** Settings of `trpo`: each agent by itself. */
export const trpoSettings = {
  ...common({ ...alone, lambda: 0.97, criticEpochs: 20 }),
  ...trustRegion({ acceptRatio: 0 }),
};
/** Settings of `ippo`: one actor for all agents of a group, one critic on each agent's observation. */
export const ippoSettings = {
  ...common({ ...team, critic: 'own', parameters: 'shared', order: 'together' }),
  ...clipping({ epochs: 5, clip: 0.2, entropy: 0.01 }),
};
/** Settings of `mappo`: one actor for all agents of a group, a critic that sees everything. */
export const mappoSettings = {
  ...common({ ...team, parameters: 'shared', order: 'together' }),
  ...clipping({ epochs: 5, clip: 0.2, entropy: 0.01 }),
};
/** Settings of `happo`: actors of their own, updated one after another. */
export const happoSettings = { ...common(team), ...clipping({ epochs: 5, clip: 0.2, entropy: 0.01 }) };
/** Settings of `hatrpo`: the same with a trust-region step for each actor. */
export const hatrpoSettings = { ...common(team), ...trustRegion({ acceptRatio: 0.5 }) };

export type PpoConfig = ConfigOf<typeof ppoSettings>;
export type TrpoConfig = ConfigOf<typeof trpoSettings>;

export const decodePpo = decode(ppoSettings);
export const decodeTrpo = decode(trpoSettings);
export const decodeIppo = decode(ippoSettings);
export const decodeMappo = decode(mappoSettings);
export const decodeHappo = decode(happoSettings);
export const decodeHatrpo = decode(hatrpoSettings);
