import { emptyActions, idsOf, rng, sizeOf, slotsOf, type Groups, type VecEnv, type VecStep } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adversarial,
  foodCollect,
  grassland,
  populationSpread,
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  turnByTurn,
  versions,
  type ParticleEnv,
  type PopulationEnv,
  type Version,
} from '../src/index.js';

const NUM_ENVS = 3;
interface Shared {
  readonly numEnvs: number;
  readonly continuous: boolean;
  readonly maxCycles: number;
}
type Env = ParticleEnv<Groups> | PopulationEnv<Groups>;
const nine: Readonly<Record<string, (o: Shared & { version?: Version; walls?: number | null }) => Env>> = {
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
};
const populations: Readonly<Record<string, (o: Shared) => Env>> = {
  foodCollect: (o) => foodCollect({ ...o, tasks: [{ agents: 5 }] }),
  grassland: (o) => grassland({ ...o, tasks: [{ sheep: 3, wolves: 3 }] }),
  adversarial: (o) => adversarial({ ...o, tasks: [{ team: 3 }] }),
  populationSpread: (o) => populationSpread({ ...o, tasks: [{ agents: 5 }] }),
};
const all = [...Object.entries(nine), ...Object.entries(populations)];

const arraysOf = ({ next, current, reward, discount }: VecStep<Groups>): readonly Float32Array[] => [
  ...[next, current].flatMap((frame) => Object.values(frame).map(({ observation }) => observation.data)),
  ...[reward, discount].flatMap((views) => Object.values(views).map(({ data }) => data)),
];
/** The part of environment `e`, in words. */
const partOf = (step: VecStep<Groups>, e: number): string =>
  JSON.stringify(
    arraysOf(step).map((data) => [...data.subarray((e * data.length) / NUM_ENVS, ((e + 1) * data.length) / NUM_ENVS)]),
  );

/** Actions that `choose` gives for each number: the space's size, and the environment that it is for. */
const filled = (env: Env, choose: (choices: number | null, e: number) => number) => {
  const actions = emptyActions(env.groups, NUM_ENVS);
  for (const [name, { action }] of Object.entries(env.groups)) {
    const { data } = actions[name]!;
    for (let k = 0; k < data.length; k++) {
      data[k] = choose(action.kind === 'discrete' ? action.n : null, Math.floor((k * NUM_ENVS) / data.length));
    }
  }
  return actions;
};
const step = (env: Env, actions: ReturnType<typeof filled>): VecStep<Groups> =>
  (env as VecEnv<Groups>).step(actions) as VecStep<Groups>;

describe.each(all)('%s', (name, make) => {
  it('gives finite numbers whatever is done, beyond all bounds', () => {
    const real = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-Infinity, Infinity, 0, 1, 1e308, 5e-324));
    const settings = fc.record({
      seed: fc.nat(),
      continuous: fc.boolean(),
      version: fc.constantFrom(...(Object.keys(versions) as Version[])),
      walls: fc.constantFrom(null, 1, 1.5),
      numbers: fc.array(real, { minLength: 60, maxLength: 60 }),
    });
    fc.assert(
      fc.property(settings, ({ seed, continuous, version, walls, numbers }) => {
        const shared = { numEnvs: NUM_ENVS, continuous, maxCycles: 8 };
        const env = name in nine ? nine[name]!({ ...shared, version, walls }) : make(shared);
        env.reset(rng(seed));
        let at = 0;
        for (let t = 0; t < 12; t++) {
          const actions = filled(env, (choices) => {
            const x = numbers[at++ % numbers.length]!;
            return choices === null ? x : Math.floor(Math.abs(Number.isFinite(x) ? x % 1 : 0) * choices) % choices;
          });
          for (const data of arraysOf(step(env, actions))) expect(data.every((x) => Number.isFinite(x))).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('has environments that do not hear of each other, and differ', () => {
    const play = (others: number): readonly string[] => {
      const env = make({ numEnvs: NUM_ENVS, continuous: false, maxCycles: 5 });
      env.reset(rng(4));
      const [mine, theirs] = [rng(1), rng(others)];
      return Array.from({ length: 12 }, () => {
        const actions = filled(env, (choices, e) => (e === 1 ? theirs : mine).int(choices!));
        const made = step(env, actions);
        return `${partOf(made, 0)} ${partOf(made, 2)}`;
      });
    };
    expect(play(2)).toEqual(play(3));
    const env = make({ numEnvs: NUM_ENVS, continuous: false, maxCycles: 5 });
    env.reset(rng(4));
    const made = step(
      env,
      filled(env, () => 0),
    );
    // Words are all that crypto shows, and two keys of two may be the same.
    if (name !== 'simpleCrypto') expect(new Set([0, 1, 2].map((e) => partOf(made, e))).size).toBe(3);
  });

  it.each([false, true])('refuses a wrong action by name: continuous %s', (continuous) => {
    const env = make({ numEnvs: NUM_ENVS, continuous, maxCycles: 5 });
    env.reset(rng(1));
    for (const [group, { agents, action }] of Object.entries(env.groups)) {
      const slot = slotsOf(agents) - 1;
      const wrong = filled(env, () => 0);
      const { data } = wrong[group]!;
      data[data.length - sizeOf(action)] = action.kind === 'discrete' ? action.n : NaN;
      const who = idsOf(agents)[slot];
      expect(() => step(env, wrong)).toThrow(
        new RegExp(
          `^step: group '${group}', ${who ? `agent '${who}'` : `slot ${slot}`}, environment 2.*: expected .*, got `,
        ),
      );
    }
  });
});

describe.each(Object.entries(nine))('%s, agent by agent', (_, make) => {
  it.each([false, true])('gives what stepping together gives: continuous %s', (continuous) => {
    const settings = { numEnvs: 1, continuous, maxCycles: 6 };
    const together = make(settings) as ParticleEnv<Groups>;
    const turns = turnByTurn(make(settings) as ParticleEnv<Groups>);
    let seen = together.reset(rng(3));
    turns.reset(rng(3));
    const stream = rng(1);
    let paid: Readonly<Record<string, ArrayLike<number>>> = {};
    for (let t = 0; t <= 6; t++) {
      const actions = emptyActions(together.groups, 1);
      for (const [name, { agents, observation, action }] of Object.entries(together.groups)) {
        const [size, width] = [sizeOf(action), sizeOf(observation)];
        for (const [slot, id] of idsOf(agents).entries()) {
          const own = seen[name]!.observation.data.slice(slot * width, (slot + 1) * width);
          expect(turns.turn).toMatchObject({ agent: id, reward: paid[name]?.[slot] ?? 0, truncated: t === 6 });
          expect(turns.turn!.observation).toEqual(own);
          const chosen = actions[name]!.data.subarray(slot * size, (slot + 1) * size);
          for (let k = 0; k < size; k++) {
            chosen[k] = action.kind === 'discrete' ? stream.int(action.n) : stream.uniform();
          }
          turns.act(t === 6 ? null : action.kind === 'discrete' ? chosen[0]! : chosen);
        }
      }
      if (t === 6) break;
      const step = together.step(actions);
      paid = Object.fromEntries(Object.entries(step.reward).map(([name, { data }]) => [name, data.slice()]));
      seen = step.next;
    }
    expect(turns.turn).toBe(null);
  });
});
