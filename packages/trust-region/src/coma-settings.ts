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
import { networkSettings } from '@troupe/networks';

/** Settings of `coma`. "PyMARL" is the code of Samvelyan et al. 2019, "EPyMARL" that of Papoudakis et al. 2021. */
export const comaSettings = {
  discount: fraction(0.99, 'γ, what the next step is worth'),
  lambda: fraction(0.8, 'λ of the returns that the critic learns (Foerster et al. 2018, PyMARL: 0.8)'),
  ...networkSettings,
  hidden: widths([64, 64], 'widths of the hidden layers of actors and critics (PyMARL: 64 with a GRU, 128)'),
  sharing: {
    ...networkSettings.sharing,
    initial: 'sharedWithIds' as const,
    about: `${networkSettings.sharing.about} (PyMARL)`,
  },
  learningRateActor: positive(5e-4, 'step size of the actors (PyMARL, EPyMARL)'),
  learningRateCritic: positive(5e-4, 'step size of the critics (PyMARL, EPyMARL)'),
  learningRateEnd: fraction(1, 'share of both step sizes that is left at the end of the run, linear in between'),
  optimiser: oneOf(['adam', 'sgd'], 'adam', 'rule of the updates by gradient (PyMARL: RMSProp)'),
  adamEpsilon: positive(1e-5, 'ε of Adam'),
  maxGradNorm: optional(positive(10, 'gradients of one network are scaled down to this norm; null: never'), 10),
  criticEpochs: count(4, 'steps of the critic on one rollout, before that of the actor'),
  targetEvery: count(20, 'updates from one copy of the critics into their targets to the next (PyMARL: 200 episodes)'),
  entropy: nonNegative(0.01, 'factor on the entropy (EPyMARL: 0.001 to 0.01)'),
  normaliseAdvantages: flag(false, 'advantages with mean 0 and deviation 1 over the living rows of a group'),
};

/** Settings of `coma`. */
export type ComaConfig = ConfigOf<typeof comaSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeComa = decode(comaSettings);
