import { emptyActions, mapGroups, type Groups, type JointAction, type Rng } from '@troupe/core';
import type { ParticleEnv } from '@troupe/particle-world';

/**
 * Actions for every agent, in a lane of their own: those of environment e depend on `stream(e)` and not on how many
 * environments there are.
 */
export const playLanes = <G extends Groups>(env: ParticleEnv<G>, streams: readonly Rng[]): JointAction<G> => {
  const actions = emptyActions(env.groups, env.numEnvs);
  mapGroups(env.groups, (group, name) => {
    const { data } = actions[name];
    const lane = data.length / env.numEnvs;
    for (let k = 0; k < data.length; k++) {
      const stream = streams[Math.floor(k / lane)]!;
      data[k] = group.action.kind === 'discrete' ? stream.int(group.action.n) : 1.4 * stream.uniform() - 0.2;
    }
  });
  return actions;
};

/** Streams for the actions of each environment. */
export const laneStreams = (rng: Rng, numEnvs: number): Rng[] =>
  Array.from({ length: numEnvs }, (_, e) => rng.split(`actions ${e}`));
