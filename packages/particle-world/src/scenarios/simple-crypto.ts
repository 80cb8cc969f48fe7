import { box, type Box, type Group } from '@troupe/core';
import { agentBody, landmarkBodies } from '../bodies.js';
import { scatter, writeMessage } from '../geometry.js';
import { part } from '../observation.js';
import { common, settingsOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import type { Cast, World } from '../world.js';

/** Settings of `simpleCrypto`. */
export const cryptoSettings = common;
/** Settings of `simpleCrypto`; what is left out has its default. */
export type CryptoOptions<C extends boolean = boolean> = OptionsOf<typeof cryptoSettings, C>;

/** Eve listens, Bob and Alice share a key. */
export type CryptoGroups<C extends boolean = boolean> = {
  /** Hears Alice and says what she takes the message to be. */
  readonly eve: Group<readonly ['eve_0'], Box, ActionSpace<C>>;
  /** Hears Alice, knows the key and says what he takes the message to be. */
  readonly bob: Group<readonly ['bob_0'], Box, ActionSpace<C>>;
  /** Knows message and key; what she says is heard by both. */
  readonly alice: Group<readonly ['alice_0'], Box, ActionSpace<C>>;
};

const EVE = 0;
const BOB = 1;
const ALICE = 2;
/** Letters of a message. */
const LETTERS = 4;

const writeCode = (code: number, out: Float32Array, at: number): number => {
  for (let k = 0; k < LETTERS; k++) out[at + k] = k === code ? 1 : 0;
  return at + LETTERS;
};

/** Squared error of what agent `i` said against the goal's code; saying nothing is never wrong. */
const error = (world: World, e: number, i: number): number => {
  const at = (e * world.agents + i) * LETTERS;
  const goal = world.goal[2 * e]!;
  let silent = true;
  let sum = 0;
  for (let k = 0; k < LETTERS; k++) {
    const said = world.message[at + k]!;
    const off = said - (k === goal ? 1 : 0);
    silent &&= said === 0;
    sum += off * off;
  }
  return silent ? 0 : sum;
};

/**
 * Covert communication: Alice tells Bob a code of 1 in 4 (of which two occur) under a shared key, Eve should not
 * understand. Nobody moves. Lowe et al. 2017; MPE2's `simple_crypto_v3`. Observations: eve what Alice said 4; bob the key
 * 4, what Alice said 4; alice the code 4, the key 4. With err the squared error of a message against the code (0 for a
 * message of zeros), reward per step: eve −err(eve); bob and alice err(eve) − err(bob). `goals` of the world's state:
 * [goal landmark, key landmark]. Throws a RangeError that lists every wrong setting.
 */
export const simpleCrypto = <const C extends boolean = false>(
  options: CryptoOptions<C> = {},
): ParticleEnv<CryptoGroups<C>> => {
  const config = settingsOf('simpleCrypto', cryptoSettings, options);
  const body = { collide: false, movable: false, silent: false } as const;
  const cast: Cast = {
    agents: [
      agentBody('eve_0', { ...body, colour: [0.75, 0.25, 0.25] }),
      agentBody('bob_0', body),
      agentBody('alice_0', { ...body, colour: [0.25, 0.25, 0.25] }),
    ],
    landmarks: landmarkBodies('landmark', 2, {}),
    messageSize: LETTERS,
  };
  const action = actionSpace(body, LETTERS, config.continuous);
  const scenario: Scenario<CryptoGroups<C>> = {
    name: 'simple_crypto',
    cast,
    groups: {
      eve: { agents: ['eve_0'], observation: box([LETTERS]), action },
      bob: { agents: ['bob_0'], observation: box([2 * LETTERS]), action },
      alice: { agents: ['alice_0'], observation: box([2 * LETTERS]), action },
    },
    observations: {
      eve: [part.message('message', LETTERS, 'what Alice said')],
      bob: [part.code('key', LETTERS, 'the key'), part.message('message', LETTERS, 'what Alice said')],
      alice: [part.code('code', LETTERS, "the goal's code"), part.code('key', LETTERS, 'the key')],
    },
    goals: [2, 2],
    reset(world, e, draws) {
      world.goal[2 * e] = draws.int(2);
      world.goal[2 * e + 1] = draws.int(2);
      scatter(world, e, 0, world.entities, 1, draws);
    },
    observe(world, e, i, out, at) {
      const goal = world.goal[2 * e]!;
      const key = world.goal[2 * e + 1]!;
      if (i === ALICE) writeCode(key, out, writeCode(goal, out, at));
      else writeMessage(world, e, ALICE, out, i === BOB ? writeCode(key, out, at) : at);
    },
    reward(world, e, { local }) {
      const overheard = error(world, e, EVE);
      local.fill(overheard - error(world, e, BOB));
      local[EVE] = -overheard;
    },
    colour(world, e, entity) {
      if (entity === EVE || entity === ALICE) return cast.agents[entity]!.colour;
      const code = entity === BOB ? world.goal[2 * e]! : entity - world.agents;
      return [code === 0 ? 1 : 0, code === 1 ? 1 : 0, 0];
    },
    benchmark(world, e, i) {
      const at = (e * world.agents + i) * LETTERS;
      const code = Array.from({ length: LETTERS }, (_, k) => (k === world.goal[2 * e] ? 1 : 0));
      return [...world.message.subarray(at, at + LETTERS), ...code];
    },
  };
  return particleEnv(scenario, config);
};
