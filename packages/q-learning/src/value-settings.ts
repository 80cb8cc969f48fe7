import { count, fraction, oneOf, optional, positive, widths } from '@troupe/core';
import { networkSettings } from '@troupe/networks';

/** Settings of everybody who learns values by gradient descent: the network, its optimiser, its target, exploration. */
export const valueSettings = {
  discount: fraction(0.99, 'γ, what the next step is worth'),
  ...networkSettings,
  hidden: widths([120, 84], 'widths of the hidden layers (CleanRL; Stable-Baselines3: 64, 64)'),
  learningRate: positive(5e-4, 'step size (CleanRL 2.5e-4, Stable-Baselines3 1e-4, Dopamine 1e-3)'),
  learningRateEnd: fraction(1, 'share of the step size that is left at the end of the run, linear in between'),
  optimiser: oneOf(['adam', 'sgd'], 'adam', 'rule of the update'),
  adamEpsilon: positive(1e-8, 'ε of Adam (Dopamine 3.125e-4, Rainbow 1.5e-4)'),
  maxGradNorm: optional(
    positive(10, 'the gradient is scaled down to this norm; null: never (Stable-Baselines3 10, CleanRL never)'),
    10,
  ),
  loss: oneOf(
    ['huber', 'squared'],
    'squared',
    'of the error: its square without ½ (CleanRL), or Huber (what the Nature paper calls clipping the error; Stable-Baselines3), under which values of long games may run away: see the guide',
  ),
  huberDelta: positive(1, 'where the Huber loss becomes linear'),
  tau: fraction(1, 'share of the online network that the target takes on at a move; 1 copies (hard), less is Polyak'),
  targetEvery: count(
    250,
    'from one move of the target to the next; 1 with tau 1: no target network, the semi-gradient of online Q-iteration',
  ),
  targetClock: oneOf(
    ['updates', 'steps'],
    'updates',
    'what targetEvery counts: updates of the learner, or environment steps summed over the environments (CleanRL, Stable-Baselines3)',
  ),
  epsilonStart: fraction(1, 'probability of a uniform legal choice while exploring, at the beginning'),
  epsilonEnd: fraction(0.05, 'the same after epsilonFraction of the run'),
  epsilonFraction: positive(
    0.2,
    'share of the run over which ε falls in a straight line (CleanRL 0.5, Stable-Baselines3 0.1)',
  ),
  epsilonExploit: fraction(0, 'ε of policies that exploit (Nature paper 0.05)'),
} as const;
