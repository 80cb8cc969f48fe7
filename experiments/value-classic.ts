import { acrobot, cartPole, mountainCar, type ClassicEnv, type SoloDiscrete } from '@troupe/classic-control';
import type { ReplayOptions } from '@troupe/buffers';
import { evaluate, randomPolicy, rng } from '@troupe/core';
import { dqn, type DqnOptions } from '@troupe/q-learning';
import type { Experiment } from './experiment.js';
import { trainOffPolicy } from './train-off-policy.js';

/** DQN on one of the worlds of classic control: greedy returns of what was learnt, and of random choices. */
const onClassic = (given: {
  readonly name: string;
  readonly about: string;
  readonly steps: number;
  readonly make: (numEnvs: number, maxSteps: number) => ClassicEnv<SoloDiscrete>;
  /** Length of episodes that are learnt from, and of those that are measured. */
  readonly maxSteps: readonly [training: number, evaluation: number];
  readonly learner: Omit<DqnOptions, 'runtime'>;
  readonly replay: ReplayOptions;
}): Experiment => ({
  name: given.name,
  about: `DQN on ${given.about}`,
  steps: given.steps,
  async run(run) {
    const env = given.make(8, given.maxSteps[0]);
    const learner = dqn(env.groups, { runtime: run.runtime, ...given.learner });
    const settings = { ...given.replay, batchSize: 128, updateEvery: 4, warmup: 1000 };
    const policies = await trainOffPolicy(given.name, env, learner, run, 'agent', settings);
    const play = async (playing: typeof policies) => {
      const stream = rng(run.seed).split('evaluation');
      return (await evaluate({ env: given.make(50, given.maxSteps[1]), policies: playing, rng: stream, episodes: 100 }))
        .returns.agent;
    };
    return { greedy: await play(policies), random: await play({ agent: randomPolicy(env.groups.agent) }) };
  },
});

const settings = {
  hidden: [64, 64],
  maxGradNorm: null,
  discount: 0.99,
  learningRate: 1e-3,
  learningRateEnd: 0, // ends with steady values, not with the last oscillation
  targetEvery: 50,
  epsilonEnd: 0.05,
  epsilonFraction: 0.3,
} as const;

/** What is measured on classic control of DQN and its relatives. */
export const valueClassic: readonly Experiment[] = [
  onClassic({
    name: 'dqn-cart-pole',
    about: 'CartPole-v1, three steps per row: mean return, at most 500',
    steps: 60_000,
    make: (numEnvs, maxSteps) => cartPole({ numEnvs, maxSteps }),
    maxSteps: [500, 500],
    learner: { ...settings, inputScale: [2.4, 2, 0.21, 2] },
    replay: { capacity: 50_000, steps: 3, discount: 0.99 },
  }),
  onClassic({
    name: 'dqn-acrobot',
    about: 'Acrobot-v1, three steps per row: mean return, at least −500',
    steps: 100_000,
    make: (numEnvs, maxSteps) => acrobot({ numEnvs, maxSteps }),
    maxSteps: [500, 500],
    learner: { ...settings, learningRate: 5e-4, maxGradNorm: 10, targetEvery: 250, epsilonFraction: 0.1 },
    replay: { capacity: 50_000, steps: 3, discount: 0.99 },
  }),
  onClassic({
    name: 'dqn-mountain-car',
    about: 'MountainCar-v0, learnt in episodes of 1,000 steps, three steps per row: mean return in 200, at least −200',
    steps: 120_000,
    make: (numEnvs, maxSteps) => mountainCar({ numEnvs, maxSteps }),
    maxSteps: [1000, 200],
    learner: { ...settings, maxGradNorm: 10, targetEvery: 250, epsilonFraction: 0.3, inputScale: [0.6, 0.035] },
    replay: { capacity: 100_000, steps: 3, discount: 0.99 },
  }),
];
