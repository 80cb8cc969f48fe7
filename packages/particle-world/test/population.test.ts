import { checkEnv, emptyActions, rng, type Groups, type VecStep } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { adversarial, foodCollect, grassland, populationSpread, taskSchema, type PopulationEnv } from '../src/index.js';

interface Shared {
  readonly numEnvs?: number;
  readonly continuous?: boolean;
  readonly maxCycles?: number;
  readonly observe?: 'entities' | 'flat';
  readonly agentNeighbors?: number | null;
  readonly landmarkNeighbors?: number | null;
  readonly showTask?: boolean;
  readonly search?: 'grid' | 'exhaustive';
}
type Make = (options: Shared, size?: number) => PopulationEnv<Groups>;
const scenarios: readonly (readonly [string, Make])[] = [
  ['food_collect', (o, n = 3) => foodCollect({ ...o, tasks: [{ agents: n }, { agents: 2 * n, sight: 0.8 }] })],
  [
    'grassland',
    (o, n = 3) =>
      grassland({
        ...o,
        tasks: [
          { sheep: n, wolves: n },
          { sheep: 2 * n, wolves: 1, sight: 0.8 },
        ],
      }),
  ],
  ['adversarial', (o, n = 3) => adversarial({ ...o, sharing: 0.5, tasks: [{ team: n }, { team: 2 * n, food: 1 }] })],
  [
    'population_spread',
    (o, n = 3) => populationSpread({ ...o, tasks: [{ agents: n }, { agents: 2 * n, sight: 0.8 }] }),
  ],
];

/** Random actions, the same for the same stream. */
const act = (env: PopulationEnv<Groups>, stream: ReturnType<typeof rng>) => {
  const actions = emptyActions(env.groups, env.numEnvs);
  for (const [name, group] of Object.entries(env.groups)) {
    const { data } = actions[name]!;
    for (let k = 0; k < data.length; k++) data[k] = group.action.kind === 'discrete' ? stream.int(5) : stream.uniform();
  }
  return actions;
};
/** All arrays of a step, by number of the array. */
const arraysOf = ({ next, current, reward, discount, last }: VecStep<Groups>) => [
  ...[next, current].flatMap((frame) =>
    Object.values(frame).flatMap(({ observation, active }) => [observation.data, active.data]),
  ),
  ...[reward, discount].flatMap((each) => Object.values(each).map(({ data }) => data)),
  last,
];
/** Numbers of arrays that differ: comparing element by element in the test runner would be slow. */
const differing = (a: VecStep<Groups>, b: VecStep<Groups>): readonly number[] => {
  const theirs = arraysOf(b);
  return arraysOf(a).flatMap((array, k) => (array.every((x, i) => x === theirs[k]![i]) ? [] : [k]));
};

const kinds = scenarios.flatMap(([name, make]) =>
  (
    [
      { observe: 'entities', agentNeighbors: 2, landmarkNeighbors: 2, showTask: true },
      { observe: 'entities', continuous: true },
      { observe: 'flat', agentNeighbors: 3 },
      { observe: 'flat' },
    ] as const
  ).map((settings) => ({ name, make, settings, shown: JSON.stringify(settings) })),
);

describe.each(kinds)('$name, $shown', ({ name, make, settings }) => {
  it('keeps the contract of environments', async () => {
    expect(await checkEnv(() => make({ ...settings, numEnvs: 2, maxCycles: 5 }, 2), { episodes: 2 })).toEqual([]);
  });

  it('is the same with every neighbour looked at', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, size) => {
        const [grid, every] = (['grid', 'exhaustive'] as const).map((search) =>
          make({ ...settings, search, numEnvs: 2, maxCycles: 6 }, size),
        ) as [PopulationEnv<Groups>, PopulationEnv<Groups>];
        grid.reset(rng(seed));
        every.reset(rng(seed));
        const stream = rng(seed).split('actions');
        for (let t = 0; t < 8; t++) {
          const actions = act(grid, stream);
          expect(differing(grid.step(actions), every.step(actions))).toEqual([]);
          expect(grid.worldState(1)).toEqual(every.worldState(1));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('has a schema of its observations, tasks and slots for the largest of them', () => {
    const env = make({ ...settings, numEnvs: 8, maxCycles: 3 });
    env.reset(rng(3));
    expect(env.scenario).toBe(name);
    for (const [group, { observation, agents }] of Object.entries(env.groups)) {
      expect(observation).toMatchObject({ shape: [env.schemas[group]!.size] });
      expect(agents).toHaveProperty('max');
    }
    expect(new Set(Array.from({ length: 8 }, (_, e) => env.taskOf(e)))).toEqual(new Set([0, 1]));
    for (let e = 0; e < 8; e++) {
      const { agents, landmarks } = env.worldState(e);
      const { counts, landmarks: marks } = env.tasks[env.taskOf(e)]!;
      expect(agents.filter((agent) => agent !== null)).toHaveLength(counts.reduce((a, b) => a + b));
      expect(landmarks).toHaveLength(marks);
      expect(env.render(e).shapes.length).toBe(
        1 + agents.length + Math.max(...env.tasks.map((task) => task.landmarks)),
      );
    }
  });
});

const at = (x: number, y: number, vx = 0, vy = 0) => ({ position: [x, y], velocity: [vx, vy] });
const place = (x: number, y: number) => ({ position: [x, y] });
const choices = (...values: readonly number[]) => ndarray(Int32Array.from(values), [1, values.length]);

describe('food_collect, worked by hand', () => {
  const rewards = (sharing: number) => {
    const env = foodCollect({ sharing, tasks: [{ agents: 3, worldSize: 2 }] });
    env.reset(rng(1));
    // Agent 0 stands on pellet 0; 1 and 2 run into each other, 0.5 from the nearest pellet.
    env.setWorldState(0, {
      agents: [at(0, 0), at(-0.03, 1.5, -0.4), at(-0.17, 1.5, 0.4)],
      landmarks: [place(0, 0), place(-0.07, 1), place(-0.13, 1)],
    });
    return [...env.step({ agents: choices(0, 0, 0) }).reward.agents.data];
  };

  it('shares collisions, or lets those pay who collide', () => {
    // They are at −0.07 and −0.13 after the step: 0.06 apart.
    const shared = rewards(1);
    expect(shared[0]).toBeCloseTo(2 - (3 / 3) * 2, 5);
    expect(shared[1]).toBeCloseTo(2 - 0.5 - (3 / 3) * 2, 5);
    const own = rewards(0);
    expect(own[0]).toBeCloseTo(2, 5);
    expect(own[1]).toBeCloseTo(2 - 0.5 - 1, 5);
    expect(own[2]).toBeCloseTo(2 - 0.5 - 1, 5);
  });

  it('pays for covering everything, less as time goes on', () => {
    const env = foodCollect({ tasks: [{ agents: 1 }], maxCycles: 2 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [at(0.3, 0.3)], landmarks: [place(0.3, 0.3)] });
    expect(env.step({ agents: choices(0) }).reward.agents.data[0]).toBeCloseTo(6 + 10 - 2 / 26, 5);
    expect(env.step({ agents: choices(0) }).reward.agents.data[0]).toBeCloseTo(6 + 10 - 4 / 26, 5);
    expect(env.measured(0)).toEqual({ covered: 1 });
  });
});

describe('grassland, worked by hand', () => {
  const made = () => {
    const env = grassland({ tasks: [{ sheep: 2, wolves: 2, grass: 1, worldSize: 5, sight: 2 }], maxCycles: 9 });
    env.reset(rng(1));
    return env;
  };

  it('pays wolves that bite, and takes the sheep away', () => {
    const env = made();
    env.setWorldState(0, { agents: [at(0, 0), at(3, 0), at(0.12, 0), at(-4, 0)], landmarks: [place(3, 1)] });
    const step = env.step({ sheep: choices(0, 0), wolves: choices(0, 0) });
    const contact = [...step.reward.sheep.data, ...step.reward.wolves.data];
    expect(contact[0]).toBe(-5);
    expect(contact[1]).toBeCloseTo(-0.1, 6);
    expect(contact[2]).toBeCloseTo(5 - 0.012, 5);
    // Nothing within sight of the other wolf.
    expect(contact[3]).toBe(0);
    expect([...step.next.sheep.active.data]).toEqual([0, 1]);
    expect([...step.discount.sheep.data]).toEqual([0, 1]);
    expect([...step.discount.wolves.data]).toEqual([1, 1]);
    expect([
      ...env.schemas.sheep.read(step.next.sheep.observation.data.subarray(0, env.schemas.sheep.size))['self']!,
    ]).toEqual(new Array(7).fill(0));
    // Its action is not looked at any more; the other sheep's is.
    const after = env.step({ sheep: choices(99, 0), wolves: choices(0, 0) });
    expect(after.reward.sheep.data[0]).toBe(0);
    expect(after.discount.sheep.data[0]).toBe(0);
    expect(() => env.step({ sheep: choices(0, 99), wolves: choices(0, 0) })).toThrow(
      "step: group 'sheep', slot 1, environment 0: expected an integer in [0, 5), got 99",
    );
  });

  it('ends when no sheep is left', () => {
    const env = made();
    env.setWorldState(0, { agents: [at(0, 0), null, at(0.12, 0), at(-0.12, 0)], landmarks: [place(3, 1)] });
    const step = env.step({ sheep: choices(0, 0), wolves: choices(0, 0) });
    expect(step.last[0]).toBe(1);
    expect([...step.discount.wolves.data]).toEqual([0, 0]);
    expect([...step.reward.wolves.data].every((x) => x > 4.9)).toBe(true);
    expect([...step.current.sheep.active.data]).toEqual([1, 1]);
    expect(env.measured(0)).toEqual({ kills: 1, eaten: 0, survived: 0.5 });
  });

  it('feeds sheep on grass once, and lets the grass grow elsewhere', () => {
    const env = made();
    env.setWorldState(0, { agents: [at(1, 1), at(1.15, 1), at(-4, 0), at(-4, 1)], landmarks: [place(1.075, 1)] });
    const { sheep } = env.step({ sheep: choices(0, 0), wolves: choices(0, 0) }).reward;
    expect(sheep.data[0]).toBeCloseTo(2 - 0.0075, 5);
    expect(sheep.data[1]).toBeCloseTo(-0.0075, 5);
    expect(env.worldState(0).landmarks[0]!.position).not.toEqual([1.075, 1]);
  });
});

describe('adversarial, worked by hand', () => {
  const step = (sharing: number) => {
    const env = adversarial({ sharing, tasks: [{ team: 2, food: 1, worldSize: 5 }] });
    env.reset(rng(1));
    // Both of the right touch the first of the left; food is 3 from there, and 4 from the second of the left.
    env.setWorldState(0, {
      agents: [at(0, 0), at(0, 7 - 0), at(0.09, 0), at(-0.09, 0)].map((body, i) => (i === 1 ? at(0, -4) : body)),
      landmarks: [place(0, 3)],
    });
    return { env, step: env.step({ left: choices(0, 0), right: choices(0, 0) }) };
  };

  it('kills who is touched by two, who share the prize', () => {
    const { step: made, env } = step(0);
    const far = Math.hypot(0.09, 3);
    expect(made.reward.left.data[0]).toBeCloseTo(-6 - 0.1 * 3 - 0.04 * 0.09, 4);
    expect(made.reward.left.data[1]).toBeCloseTo(-0.1 * 7 - 0.04 * Math.hypot(0.09, 4), 4);
    for (const paid of made.reward.right.data) expect(paid).toBeCloseTo(3 - 0.1 * far - 0.04 * 0.09, 4);
    expect([...made.next.left.active.data, ...made.discount.left.data]).toEqual([0, 1, 0, 1]);
    expect(env.worldState(0).agents[0]).toBeNull();
  });

  it('shares with the team', () => {
    const [own, mixed] = [step(0), step(0.25)].map((each) => [...each.step.reward.left.data]) as [number[], number[]];
    const mean = (own[0]! + own[1]!) / 2;
    expect(mixed[0]).toBeCloseTo(0.75 * own[0]! + 0.25 * mean, 5);
    expect(mixed[1]).toBeCloseTo(0.75 * own[1]! + 0.25 * mean, 5);
  });

  it('feeds the first that touches food', () => {
    const env = adversarial({ tasks: [{ team: 2, food: 1, worldSize: 5 }] });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [at(4, 4), at(0.03, 0), at(-0.03, 0.07), at(-4, -4)], landmarks: [place(0, 0)] });
    const { reward } = env.step({ left: choices(0, 0), right: choices(0, 0) });
    expect(reward.left.data[1]).toBeGreaterThan(0.9);
    expect(reward.right.data[0]).toBeLessThan(0);
  });
});

describe('population_spread, worked by hand', () => {
  it('pays for coverage and collisions, each with weight 1', () => {
    const env = populationSpread({ tasks: [{ agents: 2, worldSize: 3 }] });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [at(-0.2, 0, 1), at(0.2, 0, -1)], landmarks: [place(-0.1, 1), place(0.1, -2)] });
    const { data } = env.step({ agents: choices(0, 0) }).reward.agents;
    expect([...data]).toEqual([-4, -4]);
  });
});

describe('what agents of a population see', () => {
  it('entities: oneself, others and landmarks, and a mask; nearest first and out of sight left out', () => {
    const env = foodCollect({
      tasks: [{ agents: 3, worldSize: 2, sight: 1 }],
      agentNeighbors: 2,
      landmarkNeighbors: 1,
    });
    const seen = env.reset(rng(1));
    env.setWorldState(0, {
      agents: [at(0, 0, 0.5, 0), at(0, 1.5), at(0.6, 0, 0, 0.25)],
      landmarks: [place(0, -0.75), place(-0.5, 0), place(1, 1)],
    });
    const schema = env.schemas.agents;
    const { self, entities, mask } = schema.read(seen.agents.observation.data.subarray(0, schema.size));
    expect([...self!]).toEqual([0.5, 0, 0, 0, 1, 1]);
    expect([...mask!]).toEqual([1, 0, 1]);
    const f = Math.fround;
    expect([...entities!.subarray(0, 10)]).toEqual([1, 0, f(0.6), 0, -0.5, 0.25, 1, 1, f(0.6), f(0.05)]);
    expect([...entities!.subarray(10, 20)]).toEqual(new Array(10).fill(0));
    expect([...entities!.subarray(20, 30)]).toEqual([0, 1, -0.5, 0, -0.5, 0, 1, 1, 0.5, f(0.03)]);
    expect(schema.parts.map(({ name }) => name)).toEqual(['self', 'entities', 'mask']);
  });

  it('a descriptor of the task, of numbers that do not depend on the other tasks', () => {
    const env = grassland({ showTask: true, tasks: [{ sheep: 3, wolves: 1, worldSize: 2.5, sight: 1 }] });
    const seen = env.reset(rng(1));
    const shown = env.schemas.sheep.read(seen.sheep.observation.data.subarray(0, env.schemas.sheep.size))['task']!;
    expect([...shown]).toEqual([...env.descriptors[0]!]);
    const parts = Object.fromEntries(Object.entries(taskSchema.read(shown)).map(([name, part]) => [name, [...part]]));
    expect(parts).toEqual({
      log2Agents: [0],
      log2Roles: [0, -0.5],
      log2Landmarks: [0],
      worldSize: [1],
      sight: [-0.5],
      agentRegion: [1],
      landmarkRegion: [Math.fround(0.9)],
      scenario: [0, 1, 0, 0],
    });
  });
});

describe('physics of populations', () => {
  it('keep the momentum of a crowd that pushes, without NaN at the same place', () => {
    const env = foodCollect({ tasks: [{ agents: 30, worldSize: 8 }], maxCycles: 1000 });
    env.reset(rng(1));
    const stream = rng(2);
    env.setWorldState(0, {
      agents: Array.from({ length: 30 }, (_, i) =>
        i < 3 ? at(0, 0) : at(stream.uniform() * 0.4, stream.uniform() * 0.4),
      ),
    });
    for (let t = 0; t < 5; t++) {
      env.step({ agents: choices(...new Array<number>(30).fill(0)) });
      const { agents } = env.worldState(0);
      const fast = agents.some((agent) => Math.hypot(...(agent!.velocity as [number, number])) > 3.99);
      expect(agents.every((agent) => Number.isFinite(agent!.position[0]))).toBe(true);
      if (fast) return;
      for (const axis of [0, 1]) {
        expect(agents.reduce((sum, agent) => sum + agent!.velocity[axis]!, 0)).toBeCloseTo(0, 9);
      }
    }
  });

  it('hold everybody inside the world', () => {
    const env = populationSpread({ tasks: [{ agents: 6, worldSize: 1 }], maxCycles: 1000 });
    env.reset(rng(1));
    for (let t = 0; t < 60; t++) env.step({ agents: choices(2, 2, 2, 4, 4, 4) });
    for (const agent of env.worldState(0).agents) {
      expect(Math.max(...agent!.position.map(Math.abs))).toBeLessThanOrEqual(1);
    }
  });
});

describe('settings of populations', () => {
  it('that are wrong are named', () => {
    expect(() => foodCollect({ tasks: [] })).toThrow('foodCollect: tasks: expected a list of one or more tasks');
    expect(() => foodCollect({ tasks: [{}, { agents: 0 }] })).toThrow(
      'foodCollect: task 1: agents: expected an integer > 0, got 0',
    );
    expect(() => grassland({ tasks: [{ sheep: 1, wolfs: 2 } as never] })).toThrow('task 0: wolfs: unknown setting');
    expect(() => adversarial({ sharing: 2 })).toThrow('adversarial: sharing: expected a number in [0, 1], got 2');
  });

  it('keep the density by default', () => {
    expect(foodCollect({ tasks: [{ agents: 12 }] }).tasks[0]).toEqual({
      counts: [12],
      landmarks: 12,
      worldSize: 2,
      sight: 100,
    });
    expect(grassland().tasks[0]).toEqual({ counts: [3, 2], landmarks: 3, worldSize: 1, sight: 100 });
    expect(adversarial().tasks[0]).toEqual({ counts: [3, 3], landmarks: 3, worldSize: 1, sight: 100 });
  });
});
