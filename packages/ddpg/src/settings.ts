import {
  count,
  decode,
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
 * Every choice in which implementations of MADDPG differ and that changes results. "Authors" is the code that came with
 * Lowe et al. 2017 (arXiv 1706.02275); "port" is the well-known PyTorch port; EPyMARL is Papoudakis et al. 2021.
 */
export const maddpgSettings = {
  discount: fraction(0.95, 'γ, what the next step is worth (authors, port)'),
  hidden: widths([64, 64], 'widths of the hidden layers of actors and critics (authors, port)'),
  activation: oneOf(['relu', 'tanh', 'elu'], 'relu', 'after each hidden layer (authors, port)'),
  learningRateActor: positive(0.01, 'Adam step size of the actors (authors, port)'),
  learningRateCritic: positive(0.01, 'Adam step size of the critics (authors, port)'),
  learningRateEnd: fraction(
    1,
    'share of both step sizes that is left at the end of the run, linear in between; 1: constant (authors, port)',
  ),
  optimiser: oneOf(['adam', 'sgd'], 'adam', 'rule of both updates'),
  adamEpsilon: positive(1e-8, "ε of Adam (the field's usual value)"),
  maxGradNorm: optional(
    positive(
      0.5,
      'gradients are scaled down to this norm; null: never (authors, port: 0.5; HARL: never, which learns simple_spread better here)',
    ),
  ),
  clipScope: oneOf(
    ['network', 'tensor'],
    'network',
    'what the norm is taken of: all gradients of one network (port), or each weight by itself (authors)',
  ),
  tau: fraction(0.01, 'share of the online network that a target takes on at a move; 1 copies (authors, port)'),
  targetEvery: count(1, 'updates from one move of the targets to the next (EPyMARL: 200 episodes, with tau 1)'),
  targetMoves: oneOf(
    ['afterAll', 'afterEach'],
    'afterAll',
    "targets move once after all agents (port), or after each agent, so that later agents see earlier agents' new targets (authors)",
  ),
  critic: oneOf(
    ['joint', 'own'],
    'joint',
    "what a critic sees: all observations and actions (MADDPG), or its own agent's alone (DDPG); may be given by group",
  ),
  targetAction: oneOf(
    ['mode', 'sample', 'soft'],
    'sample',
    "choices of the target policies: one-hot mode (port, EPyMARL), one-hot sample, or the soft sample (authors, with relaxation 'soft')",
  ),
  relaxation: oneOf(
    ['straightThrough', 'soft'],
    'straightThrough',
    "the agent's own choice in its policy loss, by Gumbel-softmax: one-hot forward (port), or soft (authors)",
  ),
  temperature: positive(1, 'T of the Gumbel-softmax (authors, port)'),
  othersActions: oneOf(
    ['replay', 'current', 'sample'],
    'replay',
    'actions of the other agents in the policy loss: replayed (paper, authors), the mode of their current policies (port), or samples of these without gradient (EPyMARL)',
  ),
  outputPenalty: nonNegative(1e-3, 'factor on the mean square of the policy output (authors, port, EPyMARL)'),
  rewardScaling: oneOf(
    ['none', 'deviation', 'standardise'],
    'none',
    'rewards as they are (authors), divided by their running deviation, or with the running mean subtracted too (EPyMARL; this changes the task unless episodes never terminate)',
  ),
  exploration: oneOf(
    ['gaussian', 'ornsteinUhlenbeck', 'none'],
    'gaussian',
    'noise on real-valued actions (HARL: Gaussian; port: Ornstein-Uhlenbeck). Choices explore by sampling',
  ),
  explorationScale: nonNegative(0.1, 'deviation of the noise, in half ranges of the action (HARL 0.1; port 0.3)'),
  explorationEnd: nonNegative(0.1, 'the same at the end of the run; linear in between (HARL 0.1; port 0)'),
  perAgentMetrics: flag(true, 'whether metrics are also reported for each agent, as group/agent/name'),
};

/** Settings of MADDPG. */
export type MaddpgConfig = ConfigOf<typeof maddpgSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeMaddpg = decode(maddpgSettings);
