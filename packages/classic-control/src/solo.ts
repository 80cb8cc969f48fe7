import type { Box, Discrete, SingleAgent } from '@troupe/core';

/** One agent named `agent`, which sees a box and chooses one of n actions. */
export type SoloDiscrete = SingleAgent<Box, Discrete>;
/** One agent named `agent`, which sees a box and acts in a box. */
export type SoloContinuous = SingleAgent<Box, Box>;

/** The groups of a world of one agent. */
export const solo = <A extends Box | Discrete>(observation: Box, action: A): SingleAgent<Box, A> => ({
  agent: { agents: ['agent'], observation, action },
});
