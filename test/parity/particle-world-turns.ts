import { turnByTurn } from '@troupe/particle-world';
import { makeParticleEnv, type GoldenSource } from './particle-world-golden.js';
import { tally, type ParticleReplay } from './particle-world-tally.js';

/** Transcripts of turn-based play (`mpe-golden-aec/1`). */
export interface GoldenTurns {
  readonly format: 'mpe-golden-aec/1';
  readonly runs: readonly (GoldenSource & {
    readonly seed: number;
    readonly initial: { readonly agents: readonly { readonly pos: readonly number[] }[] };
    readonly events: readonly {
      readonly agent: string;
      readonly obs: readonly number[];
      readonly reward: number;
      readonly terminated: boolean;
      readonly truncated: boolean;
      readonly action: number | readonly number[] | null;
      readonly agentsBefore: readonly string[];
      readonly agentsAfter: readonly string[];
    }[];
  })[];
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x, k) => x === b[k]);

/** Plays every transcript from its seed and compares each turn. */
export const replayTurns = ({ runs }: GoldenTurns): ParticleReplay => {
  const errors = tally();
  for (const run of runs) {
    const env = makeParticleEnv(run);
    const turns = turnByTurn(env);
    turns.resetSeeded(run.seed);
    const begun = env.worldState(0).agents.flatMap(({ position }) => position);
    errors.state(
      begun,
      run.initial.agents.flatMap(({ pos }) => pos),
      `${run.scenario}: start`,
    );
    run.events.forEach((expected, k) => {
      const at = `${run.scenario}, turn ${k}`;
      const { turn, agents } = turns;
      if (turn === null) {
        errors.flags(false, `${at}: nobody's turn`);
        return;
      }
      errors.flags(turn.agent === expected.agent && same(agents, expected.agentsBefore), `${at}: whose turn`);
      errors.flags(turn.terminated === expected.terminated && turn.truncated === expected.truncated, `${at}: flags`);
      errors.observation(turn.observation, expected.obs, `${at}: observation`);
      errors.reward(turn.reward, expected.reward, `${at}: reward`);
      turns.act(expected.action);
      errors.flags(same(turns.agents, expected.agentsAfter), `${at}: who is left`);
    });
  }
  return errors.result();
};
