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
  real,
  widths,
  type ConfigOf,
} from '@troupe/core';

/** Where the algorithms differ in what they share. */
export interface Defaults {
  readonly lambda: number;
  readonly hidden: readonly number[];
  readonly activation: 'relu' | 'tanh' | 'elu';
  readonly layerNorm: boolean;
  readonly sharing: 'separate' | 'shared' | 'sharedWithIds';
  readonly deviation: 'exp' | 'sigmoid';
  readonly order: 'together' | 'random' | 'fixed';
  readonly critic: 'own' | 'joint';
  readonly values: 'team' | 'group' | 'agent';
  readonly learningRateActor: number;
  readonly learningRateCritic: number;
  readonly maxGradNorm: number | null;
  readonly criticEpochs: number;
  readonly minibatches: number;
  readonly valueNorm: 'none' | 'moments' | 'popArt';
  readonly valueClip: number | null;
  readonly huber: number | null;
}

/**
 * Every choice in which implementations differ and that changes results. HARL is the code of Zhong et al. 2024, "MAPPO
 * code" that of Yu et al. 2022, "HATRPO authors" that of Kuba et al. 2022, SB3 is Stable-Baselines3.
 */
export const common = (d: Defaults) => ({
  discount: fraction(0.99, 'γ, what the next step is worth'),
  lambda: fraction(d.lambda, 'λ of generalised advantage estimation'),
  truncation: oneOf(
    ['bootstrap', 'terminate', 'discard'],
    'bootstrap',
    'at a row where the clock cut an episode: the value of the final observation; or as if the task had ended (MAPPO code on the particle world); or advantage 0 (HARL and MAPPO code with proper time limits)',
  ),
  normaliseAdvantages: flag(
    true,
    'advantages with mean 0 and deviation 1 over the living rows that an actor learns from, once per update',
  ),
  hidden: widths(d.hidden, 'widths of the hidden layers of actors and critics'),
  activation: oneOf(['relu', 'tanh', 'elu'], d.activation, 'after each hidden layer'),
  layerNorm: flag(d.layerNorm, 'layer normalisation of the input and after each hidden layer (HARL, MAPPO code)'),
  memory: oneOf(
    ['none', 'gru', 'lstm'],
    'none',
    'what actors remember within an episode: nothing, or what a cell after their hidden layers keeps, as wide as the last of them (MAPPO code, HARL: GRU)',
  ),
  criticMemory: oneOf(['none', 'gru', 'lstm'], 'none', 'the same of critics (MAPPO code, HARL: as actors)'),
  sequenceLength: count(
    10,
    'steps of the sequences that networks with memory learn from, a divisor of the horizon: gradients go back so far. What was remembered before the first of them is taken as it was when acting; episodes that begin within forget it (MAPPO code, HARL: 10)',
  ),
  sharing: oneOf(
    ['separate', 'shared', 'sharedWithIds'],
    d.sharing,
    'agents of a group have actors of their own, share one, or share one that sees which agent it acts for',
  ),
  deviation: oneOf(
    ['exp', 'sigmoid'],
    d.deviation,
    'of real-valued actions, from a weight p per component: e^p (SB3, MAPPO code), or deviationLimit · sigmoid(p) (HARL)',
  ),
  deviationStart: optional(
    real(
      0,
      'p at the beginning; null: 0 of e^p (SB3, CleanRL, MAPPO code; Spinning Up: −0.5), deviationScale of the sigmoid form (HARL)',
    ),
  ),
  deviationScale: positive(1, 'x of the sigmoid form y · sigmoid(p / x) (HARL)'),
  deviationLimit: positive(0.5, 'y of it, the largest deviation (HARL)'),
  squash: flag(
    false,
    'real-valued actions through tanh to their bounds, which must be finite; else clipped to them on the way to the environment',
  ),
  order: oneOf(
    ['together', 'random', 'fixed'],
    d.order,
    'actors learn all against the same old joint policy, or one after another with the compound factor of those before: in a new random order at each update, or always the same (for ablations)',
  ),
  critic: oneOf(
    ['own', 'joint'],
    d.critic,
    "what values are taken of: each agent's own observation, or the state of the environment, in place of which all observations are joined where it has none",
  ),
  values: oneOf(
    ['team', 'group', 'agent'],
    d.values,
    'of a joint critic: one value for everybody, of the mean reward (EP in HARL); one per group, of its mean reward; or one critic per group that learns from the reward of each agent (FP; MAPPO code), though it tells all of them the same value',
  ),
  learningRateActor: positive(d.learningRateActor, 'step size of the actors'),
  learningRateCritic: positive(d.learningRateCritic, 'step size of the critics'),
  learningRateEnd: fraction(1, 'share of both step sizes that is left at the end of the run, linear in between'),
  optimiser: oneOf(['adam', 'sgd'], 'adam', 'rule of the updates by gradient'),
  adamEpsilon: positive(1e-5, 'ε of Adam (HARL, MAPPO code, CleanRL; Spinning Up: 1e-8)'),
  maxGradNorm: optional(
    positive(10, 'gradients of one network are scaled down to this norm; null: never (HARL, MAPPO code: 10; SB3: 0.5)'),
    d.maxGradNorm,
  ),
  criticEpochs: count(d.criticEpochs, 'passes of the critics over the rollout in one update'),
  minibatches: count(d.minibatches, 'parts of the rollout in one pass, each a step by gradient'),
  valueNorm: oneOf(
    ['none', 'moments', 'popArt'],
    d.valueNorm,
    'critics predict returns as they are; normalised by running moments (HARL, MAPPO code); or so with the last layer rescaled, that outputs stay what they were (PopArt, van Hasselt et al. 2016)',
  ),
  valueNormDecay: fraction(0.99999, 'β of the running moments, which move at every step of a critic'),
  valueClip: optional(
    positive(
      0.2,
      'values count at most so far from the old ones in the loss, in normalised units; null: any (HARL, MAPPO code: the ε of the policy)',
    ),
    d.valueClip,
  ),
  huber: optional(positive(10, 'δ of the Huber loss of critics; null: half the squared error'), d.huber),
  valueLossFactor: positive(1, 'factor on the loss of critics'),
  deadRows: oneOf(
    ['ignored', 'inMoments', 'counted'],
    'ignored',
    'rows of dead agents weigh nothing; or they do in the running moments of returns (MAPPO code); or there, in the loss of critics, in the compound factor and in the mean divergence (HARL). They never count in the loss of an actor',
  ),
  perAgentMetrics: flag(true, 'whether metrics are also reported for each actor, as group/agent/name'),
});

/** What makes a step of PPO. */
const clipping = (d: { readonly epochs: number; readonly entropy: number }) => ({
  epochs: count(d.epochs, 'passes of each actor over the rollout in one update'),
  clip: positive(0.2, 'ε: the ratio of one agent and step counts within 1 ± ε'),
  entropy: nonNegative(d.entropy, 'factor on the entropy'),
  maxKl: optional(
    positive(
      0.015,
      'no further steps for an actor in this update once the mean of log π_old − log π exceeds this (Spinning Up: 1.5 · 0.01); null: never',
    ),
  ),
});

/** What makes a step of TRPO. */
const trustRegion = (d: { readonly acceptRatio: number; readonly stepLength: 'damped' | 'undamped' }) => ({
  kl: positive(0.01, 'δ: how far a step may go, as mean divergence'),
  parts: count(
    1,
    'parts of the rollout, each with a step of every actor of its own: 1 is one step on all rows (HARL, Spinning Up; HATRPO authors: 40)',
  ),
  divergence: oneOf(
    ['exact', 'ratio', 'reverseMean'],
    'exact',
    'KL(π_old ‖ π), exact; or, for choices, Σ (ρ − 1 − log ρ) without the old probabilities, which is no divergence (HARL, HATRPO authors); or KL(π ‖ π_old), averaged over real-valued components (SB3): the last two to reproduce those codes',
  ),
  damping: nonNegative(0.1, 'what is added to the diagonal of the Fisher matrix'),
  stepLength: oneOf(
    ['damped', 'undamped'],
    d.stepLength,
    'the full step is √(2δ / xᵀFx) long, with F as the direction was found, damping included (HARL, Spinning Up, SB3): where the curvature is small it spends less divergence than it may; or with F alone: it spends about δ, and in a quarter of steps the second try of the line search is taken',
  ),
  cgIterations: count(10, 'iterations of conjugate gradients'),
  cgTolerance: nonNegative(1e-10, 'they end when the squared residual is below this'),
  backtrack: field(
    0.8,
    'a number in (0, 1)',
    'factor from one try of the line search to the next (HARL, Spinning Up; HATRPO authors: 0.5)',
    (c): c is number => typeof c === 'number' && c > 0 && c < 1,
  ),
  lineSearchSteps: count(10, 'tries of the line search; where none is accepted, the actor stays exactly as it was'),
  acceptRatio: nonNegative(
    d.acceptRatio,
    'improvement that a try must bring, as a share of what the gradient promises for it (HATRPO: 0.5; SB3, Spinning Up: 0)',
  ),
});

/** PPO as SB3 and CleanRL have it. */
export const alone: Defaults = {
  lambda: 0.95,
  hidden: [64, 64],
  activation: 'tanh',
  layerNorm: false,
  sharing: 'separate',
  deviation: 'exp',
  order: 'together',
  critic: 'own',
  values: 'agent',
  learningRateActor: 3e-4,
  learningRateCritic: 3e-4,
  maxGradNorm: 0.5,
  criticEpochs: 10,
  minibatches: 8,
  valueNorm: 'none',
  valueClip: null,
  huber: null,
};

/** HARL's defaults. */
export const team: Defaults = {
  lambda: 0.95,
  hidden: [128, 128],
  activation: 'relu',
  layerNorm: true,
  sharing: 'separate',
  deviation: 'sigmoid',
  order: 'random',
  critic: 'joint',
  values: 'team',
  learningRateActor: 5e-4,
  learningRateCritic: 5e-4,
  maxGradNorm: 10,
  criticEpochs: 5,
  minibatches: 1,
  valueNorm: 'moments',
  valueClip: 0.2,
  huber: 10,
};

/** Settings of `ppo`. */
export const ppoSettings = { ...common(alone), ...clipping({ epochs: 10, entropy: 0 }) };
/** Settings of `trpo`. */
export const trpoSettings = {
  ...common({ ...alone, lambda: 0.97, learningRateCritic: 1e-3, maxGradNorm: null }),
  ...trustRegion({ acceptRatio: 0, stepLength: 'damped' }),
};
/** Settings of `ippo`. */
export const ippoSettings = {
  ...common({ ...team, sharing: 'shared', order: 'together', critic: 'own', values: 'agent' }),
  ...clipping({ epochs: 5, entropy: 0.01 }),
};
/** Settings of `mappo`. */
export const mappoSettings = {
  ...common({ ...team, sharing: 'shared', order: 'together', values: 'group' }),
  ...clipping({ epochs: 5, entropy: 0.01 }),
};
/** Settings of `happo`. */
export const happoSettings = { ...common(team), ...clipping({ epochs: 5, entropy: 0.01 }) };
/** Settings of `hatrpo`. */
export const hatrpoSettings = { ...common(team), ...trustRegion({ acceptRatio: 0.5, stepLength: 'undamped' }) };

/** What all algorithms of this package share. */
export type CommonConfig = ConfigOf<ReturnType<typeof common>>;
/** Settings of the algorithms with a clipped surrogate: `ppo`, `ippo`, `mappo`, `happo`. */
export type PpoConfig = ConfigOf<typeof ppoSettings>;
/** Settings of the algorithms with a trust-region step: `trpo`, `hatrpo`. */
export type TrpoConfig = ConfigOf<typeof trpoSettings>;

/** Checks settings of `ppo` from outside: every issue, or the settings with defaults filled in. */
export const decodePpo = decode(ppoSettings);
/** The same for `trpo`. */
export const decodeTrpo = decode(trpoSettings);
/** The same for `ippo`. */
export const decodeIppo = decode(ippoSettings);
/** The same for `mappo`. */
export const decodeMappo = decode(mappoSettings);
/** The same for `happo`. */
export const decodeHappo = decode(happoSettings);
/** The same for `hatrpo`. */
export const decodeHatrpo = decode(hatrpoSettings);
