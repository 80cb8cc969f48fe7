import { box, type Box, type Group } from '@troupe/core';
import { agentBody, landmarkBodies } from '../bodies.js';
import { scatter, squaredDistance, writeColour, writeMessage, writeRange, writeVelocity } from '../geometry.js';
import { part } from '../observation.js';
import { common, settingsOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { conventionOf } from '../versions.js';
import type { Cast, Colour, World } from '../world.js';

/** Settings of `simpleSpeakerListener`. */
export const speakerListenerSettings = common;
/** Settings of `simpleSpeakerListener`; what is left out has its default. */
export type SpeakerListenerOptions<C extends boolean = boolean> = OptionsOf<typeof speakerListenerSettings, C>;

/** The one who knows and the one who can move. */
export type SpeakerListenerGroups<C extends boolean = boolean> = {
  /** Sees the goal, speaks, cannot move. */
  readonly speaker: Group<readonly ['speaker_0'], Box, ActionSpace<C>>;
  /** Hears the speaker, sees landmarks, moves. */
  readonly listener: Group<readonly ['listener_0'], Box, ActionSpace<C>>;
};

const SPEAKER = 0;
const LISTENER = 1;
const COLOURS: readonly Colour[] = [
  [0.65, 0.15, 0.15],
  [0.15, 0.65, 0.15],
  [0.15, 0.15, 0.65],
];

/** The entity the listener should reach. */
const goalOf = (world: World, e: number): number => world.agents + world.goal[e]!;

/**
 * A speaker that cannot move names a landmark to a listener that cannot see which one is meant. Lowe et al. 2017; MPE2's
 * `simple_speaker_listener_v4`. Observations: speaker the goal's colour 3; listener own velocity 2, landmarks from here
 * 6, what the speaker said 3. Reward of both per step: minus the squared distance from listener to goal. `goals` of the
 * world's state: [goal landmark]. Throws a RangeError that lists every wrong setting.
 */
export const simpleSpeakerListener = <const C extends boolean = false>(
  options: SpeakerListenerOptions<C> = {},
): ParticleEnv<SpeakerListenerGroups<C>> => {
  const config = settingsOf('simpleSpeakerListener', speakerListenerSettings, options);
  const payments = conventionOf(config.version).originalRewards ? 2 : 1;
  const body = { size: 0.075, collide: false } as const;
  const speaker = agentBody('speaker_0', { ...body, movable: false, silent: false, colour: [0.25, 0.25, 0.25] });
  const listener = agentBody('listener_0', body);
  const cast: Cast = {
    agents: [speaker, listener],
    landmarks: landmarkBodies('landmark', 3, { size: 0.04 }).map((landmark, l) => ({
      ...landmark,
      colour: COLOURS[l]!,
    })),
    messageSize: 3,
  };
  const scenario: Scenario<SpeakerListenerGroups<C>> = {
    name: 'simple_speaker_listener',
    cast,
    groups: {
      speaker: {
        agents: ['speaker_0'],
        observation: box([3]),
        action: actionSpace(speaker, cast.messageSize, config.continuous),
      },
      listener: {
        agents: ['listener_0'],
        observation: box([11]),
        action: actionSpace(listener, cast.messageSize, config.continuous),
      },
    },
    observations: {
      speaker: [part.colour('goal', 'colour of the goal')],
      listener: [
        part.velocity,
        part.places('landmarks', 3, 'from here'),
        part.message('message', cast.messageSize, 'what the speaker said'),
      ],
    },
    goals: [3],
    reset(world, e, draws) {
      world.goal[e] = draws.int(3);
      scatter(world, e, 0, world.entities, 1, draws);
    },
    observe(world, e, i, out, at) {
      if (i === SPEAKER) {
        writeColour(COLOURS[world.goal[e]!]!, out, at);
        return;
      }
      at = writeVelocity(world, e, i, out, at);
      at = writeRange(world, e, i, world.agents, world.entities, out, at);
      writeMessage(world, e, SPEAKER, out, at);
    },
    reward(world, e, { local }) {
      local.fill(-payments * squaredDistance(world, e, LISTENER, goalOf(world, e)));
    },
    colour(world, e, entity) {
      if (entity === SPEAKER) return speaker.colour;
      if (entity !== LISTENER) return COLOURS[entity - world.agents]!;
      const [red, green, blue] = COLOURS[world.goal[e]!]!;
      return [red + 0.45, green + 0.45, blue + 0.45];
    },
    benchmark: (world, e) => [-squaredDistance(world, e, LISTENER, goalOf(world, e))],
  };
  return particleEnv(scenario, config);
};
