import {
  checkEnv,
  mapGroups,
  rng,
  sizeOf,
  slotsOf,
  type Groups,
  type JointObservation,
  type VecStep,
} from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  type ParticleEnv,
} from '../src/index.js';
import { laneStreams, playLanes } from './make-actions.js';

interface Shared {
  readonly numEnvs?: number;
  readonly continuous?: boolean;
  readonly maxCycles?: number;
}
type Make = (options: Shared) => ParticleEnv<Groups>;
const scenarios: readonly (readonly [string, Make])[] = [
  ['simple', simple],
  ['simple_adversary', simpleAdversary],
  ['simple_crypto', simpleCrypto],
  ['simple_push', simplePush],
  ['simple_reference', simpleReference],
  ['simple_speaker_listener', simpleSpeakerListener],
  ['simple_spread', (options) => simpleSpread({ ...options, agentNeighbors: 1, terminateOnSuccess: true })],
  ['simple_tag', (options) => simpleTag({ ...options, curriculum: 1, terminateOnSuccess: true })],
  ['simple_world_comm', simpleWorldComm],
];

/** Row e of everything that was seen, as plain numbers. */
const lane = (seen: JointObservation<Groups>, e: number, numEnvs: number): number[][] =>
  Object.values(seen).map(({ observation }) => {
    const size = observation.data.length / numEnvs;
    return [...observation.data.subarray(e * size, (e + 1) * size)];
  });
const laneOf = (step: VecStep<Groups>, e: number, numEnvs: number): unknown => ({
  next: lane(step.next, e, numEnvs),
  current: lane(step.current, e, numEnvs),
  reward: Object.values(step.reward).map(({ data }) => [
    ...data.subarray((e * data.length) / numEnvs, ((e + 1) * data.length) / numEnvs),
  ]),
  discount: Object.values(step.discount).map(({ data }) => [
    ...data.subarray((e * data.length) / numEnvs, ((e + 1) * data.length) / numEnvs),
  ]),
  last: step.last[e],
});

const kinds = scenarios.flatMap(([name, make]) =>
  [false, true].map((continuous) => ({
    name,
    kind: continuous ? 'continuous' : 'discrete',
    make: (o: Shared) => make({ ...o, continuous }),
  })),
);

describe.each(kinds)('$name, $kind', ({ name, make }) => {
  it('keeps the contract of environments', async () => {
    expect(await checkEnv(() => make({ numEnvs: 3, maxCycles: 6 }))).toEqual([]);
  });

  it('says who it is and has arrays of the shapes of its groups', () => {
    const env = make({ numEnvs: 2 });
    expect(env).toMatchObject({ scenario: name, version: 'mpe2', numEnvs: 2 });
    const seen = env.reset(rng(1));
    mapGroups(env.groups, (group, key) => {
      const [slots, size] = [slotsOf(group.agents), sizeOf(group.observation)];
      expect(seen[key]!.observation.shape).toEqual([2, slots, size]);
      expect(seen[key]!.active.data).toEqual(new Uint8Array(2 * slots).fill(1));
    });
  });

  it('plays the same in environment e however many there are', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const few = make({ numEnvs: 1, maxCycles: 4 });
        const many = make({ numEnvs: 3, maxCycles: 4 });
        const [mine, theirs] = [laneStreams(rng(seed), 1), laneStreams(rng(seed), 3)];
        expect(lane(few.reset(rng(seed)), 0, 1)).toEqual(lane(many.reset(rng(seed)), 0, 3));
        for (let t = 0; t < 10; t++) {
          const a = few.step(playLanes(few, mine));
          const b = many.step(playLanes(many, theirs));
          expect(laneOf(a, 0, 1)).toEqual(laneOf(b, 0, 3));
          expect(few.worldState(0)).toEqual(many.worldState(0));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('continues bit for bit from what was saved, in the middle of episodes', () => {
    const env = make({ numEnvs: 3, maxCycles: 5 });
    const streams = laneStreams(rng(7), 3);
    env.reset(rng(3));
    for (let t = 0; t < 7; t++) env.step(playLanes(env, streams));
    const before = env.step(playLanes(env, streams));
    const shown = [0, 1, 2].map((e) => lane(before.current, e, 3));
    const saved = structuredClone(env.save());
    const other = make({ numEnvs: 3, maxCycles: 5 });
    const loaded = other.load(saved);
    expect([0, 1, 2].map((e) => lane(loaded, e, 3))).toEqual(shown);
    const again = streams.map((stream) => {
      const copy = rng(0);
      copy.load(stream.save());
      return copy;
    });
    for (let t = 0; t < 12; t++) {
      const [a, b] = [env.step(playLanes(env, streams)), other.step(playLanes(other, again))];
      for (let e = 0; e < 3; e++) {
        expect(laneOf(b, e, 3)).toEqual(laneOf(a, e, 3));
        expect(other.finalState(e)).toEqual(env.finalState(e));
      }
    }
    expect(other.save()).toEqual(env.save());
  });

  it('gives the same bits for the same seed and others for another', () => {
    const run = (seed: number) => {
      const env = make({ numEnvs: 2, maxCycles: 3 });
      env.reset(rng(seed));
      const streams = laneStreams(rng(5), 2);
      return Array.from({ length: 8 }, () => [0, 1].map((e) => laneOf(env.step(playLanes(env, streams)), e, 2)));
    };
    expect(run(11)).toEqual(run(11));
    expect(run(11)).not.toEqual(run(12));
  });

  it('hands out finite numbers, and truncates after maxCycles', () => {
    const env = make({ numEnvs: 2, maxCycles: 30 });
    const streams = laneStreams(rng(5), 2);
    env.reset(rng(2));
    let ends = 0;
    for (let t = 0; t < 60; t++) {
      const step = env.step(playLanes(env, streams));
      ends += step.last[0]!;
      for (const { observation } of [...Object.values(step.next), ...Object.values(step.current)]) {
        expect(observation.data.every((x) => Number.isFinite(x))).toBe(true);
      }
      for (const { data } of Object.values(step.reward)) expect(data.every((x) => Number.isFinite(x))).toBe(true);
    }
    expect(ends).toBeGreaterThanOrEqual(2);
  });

  it('draws itself with the same shapes in every step', () => {
    const env = make({ maxCycles: 3 });
    const streams = laneStreams(rng(5), 1);
    env.reset(rng(2));
    const kindsOf = () => env.render(0).shapes.map(({ kind }) => kind);
    const first = kindsOf();
    expect(first.filter((kind) => kind === 'circle').length).toBe(
      env.worldState(0).agents.length + env.worldState(0).landmarks.length,
    );
    for (let t = 0; t < 5; t++) {
      env.step(playLanes(env, streams));
      expect(kindsOf()).toEqual(first);
    }
    expect(env.render(0).view).toEqual({ left: -1.4, bottom: -1.4, width: 2.8, height: 2.8 });
  });
});

describe('the arrays that step hands out', () => {
  it('stay as they are until the step after the next one, then are used again', () => {
    const env = simpleSpread({ numEnvs: 2, maxCycles: 3 });
    const streams = laneStreams(rng(5), 2);
    env.reset(rng(2));
    for (let t = 0; t < 10; t++) {
      const first = env.step(playLanes(env, streams));
      const copy = structuredClone([0, 1].map((e) => laneOf(first, e, 2)));
      const second = env.step(playLanes(env, streams));
      expect([0, 1].map((e) => laneOf(first, e, 2))).toEqual(copy);
      expect(second.next.agents.observation.data).not.toBe(first.next.agents.observation.data);
      const third = env.step(playLanes(env, streams));
      expect(third).toBe(first);
    }
  });

  it('are not touched by reset and load while they are valid', () => {
    const env = simpleSpread({ numEnvs: 2 });
    const streams = laneStreams(rng(5), 2);
    env.reset(rng(2));
    const saved = env.save();
    for (const disturb of [() => env.reset(rng(9)), () => env.load(saved)]) {
      const step = env.step(playLanes(env, streams));
      const copy = structuredClone([0, 1].map((e) => laneOf(step, e, 2)));
      disturb();
      expect([0, 1].map((e) => laneOf(step, e, 2))).toEqual(copy);
    }
  });
});

describe('the end of an episode', () => {
  const end = () => {
    const env = simpleSpread({ numEnvs: 2, maxCycles: 3 });
    const streams = laneStreams(rng(5), 2);
    env.reset(rng(2));
    expect(env.step(playLanes(env, streams)).last).toEqual(new Uint8Array([0, 0]));
    env.setWorldState(1, { cycle: 0 });
    env.step(playLanes(env, streams));
    const before = env.worldState(0);
    const step = env.step(playLanes(env, streams));
    return { env, before, step };
  };

  it('gives the true successor in next, the new episode in current, and discount 1 where the clock ran out', () => {
    const { env, before, step } = end();
    expect(step.last).toEqual(new Uint8Array([1, 0]));
    const [final, fresh] = [env.finalState(0)!, env.worldState(0)];
    const { next, current } = step;
    final.agents.forEach((agent, i) => {
      // The successor moved by the velocity from before the step.
      expect(agent.position[0]).toBeCloseTo(before.agents[i]!.position[0]! + 0.1 * before.agents[i]!.velocity[0]!, 12);
      expect(next.agents.observation.get(0, i, 2)).toBe(Math.fround(agent.position[0]!));
      expect(current.agents.observation.get(0, i, 2)).toBe(Math.fround(fresh.agents[i]!.position[0]!));
      expect(current.agents.observation.get(0, i, 0)).toBe(0);
    });
    expect(lane(next, 0, 2)).not.toEqual(lane(current, 0, 2));
    expect(lane(next, 1, 2)).toEqual(lane(current, 1, 2));
    expect([...step.discount.agents.data]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(fresh).toMatchObject({ cycle: 0 });
    expect(env.finalState(1)).toBeNull();
  });

  it('has discount 0 where the task was solved, and 1 again afterwards', () => {
    const env = simpleSpread({ agents: 2, terminateOnSuccess: true });
    const still = { agents: ndarray(new Int32Array(2), [1, 2]) };
    env.reset(rng(1));
    const rest = { velocity: [0, 0], message: [0, 0] };
    const places = [
      [-0.5, 0],
      [0.5, 0.0999],
    ].map((position) => ({ position }));
    env.setWorldState(0, {
      agents: [
        { position: [-0.5, 0], ...rest },
        { position: [0.5, 0], ...rest },
      ],
      landmarks: places,
    });
    const solved = env.step(still);
    expect([solved.last[0], ...solved.discount.agents.data]).toEqual([1, 0, 0]);
    const after = [env.step(still), env.step(still)];
    for (const { last, discount } of after) expect([last[0], ...discount.agents.data]).toEqual([0, 1, 1]);
  });

  it('plays other episodes at the next reset with the same stream', () => {
    const [env, stream] = [simpleSpread(), rng(4)];
    const first = lane(env.reset(stream), 0, 1);
    expect(lane(env.reset(stream), 0, 1)).not.toEqual(first);
  });
});
