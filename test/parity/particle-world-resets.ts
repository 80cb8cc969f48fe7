import { emptyActions } from '@troupe/core';
import { goalsOf, makeParticleEnv, type GoldenGoals, type GoldenSource } from './particle-world-golden.js';
import { tally, type ParticleReplay } from './particle-world-tally.js';

/** Seeded resets (`mpe-golden-resets/1`): the first follows a seed, the others continue the stream. */
export interface GoldenResets {
  readonly format: 'mpe-golden-resets/1';
  readonly runs: readonly (GoldenSource & {
    readonly seed: string;
    readonly resets: readonly {
      readonly agents: readonly (readonly number[])[];
      readonly landmarks: readonly (readonly number[])[];
      readonly goals?: GoldenGoals;
    }[];
  })[];
}

/** Resets with the recorded seeds; episodes of one step bring the resets that follow. */
export const replayResets = ({ runs }: GoldenResets): ParticleReplay => {
  const errors = tally();
  for (const run of runs) {
    const env = makeParticleEnv(run, { maxCycles: 1 });
    env.resetSeeded([BigInt(run.seed)]);
    run.resets.forEach((expected, k) => {
      const at = `${run.scenario}, seed ${run.seed}, reset ${k}`;
      if (k > 0) env.step(emptyActions(env.groups, 1));
      const { agents, landmarks, goals } = env.worldState(0);
      const positions = [...agents, ...landmarks].flatMap(({ position }) => position);
      errors.state(positions, [...expected.agents, ...expected.landmarks].flat(), at);
      errors.state([...goals], goalsOf(expected.goals), `${at}: goals`);
    });
  }
  return errors.result();
};
