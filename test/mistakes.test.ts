/**
 * Mistakes that the compiler finds in TypeScript and nobody finds in JavaScript, or behind `any`: each is refused where it
 * is made, by a message that names the function, what was expected and what came.
 */
import { replay, sequenceReplay } from '@troupe/buffers';
import { chain, pendulum, tabularWorld } from '@troupe/classic-control';
import {
  evaluate,
  independent,
  offPolicy,
  onPolicy,
  randomPolicy,
  rng,
  scripted,
  vectorize,
  type Buffer,
  type Groups,
  type Learner,
  type VecEnv,
} from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import {
  continuousDqn,
  dqn,
  jointly,
  linearQ,
  naf,
  opponentModels,
  qmix,
  recurrentDqn,
  tabularQ,
  vdn,
} from '@troupe/q-learning';
import { compileVariables, leavesOf, type Carry } from '@troupe/runtime';
import { a2c, coma, happo, hatrpo, ippo, maa2c, mappo, ppo, trpo } from '@troupe/trust-region';
import { describe, expect, it } from 'vitest';
import { exportedLearners } from './structure/learners.js';
import { runtimes } from './support/runtimes.js';

const runtime = runtimes[1]![1];
const world = tabularWorld(chain(), { numEnvs: 2 });
const real = pendulum({ numEnvs: 2 });
const settings = { runtime, hidden: [4] };

/** What a program without types can do: anything. */
type Loose = (groups: unknown, options?: object) => Learner<Groups, unknown, never>;
interface Case {
  readonly env: VecEnv<Groups>;
  readonly make: Loose;
  readonly options: object;
  readonly learnsFrom: 'rows' | 'a rollout';
}
const one = (
  make: unknown,
  learnsFrom: Case['learnsFrom'],
  options: object = settings,
  env: unknown = world,
): Case => ({
  env: env as VecEnv<Groups>,
  make: make as Loose,
  options,
  learnsFrom,
});
const byDqn = (groups: unknown) => jointly(groups as typeof world.groups, (joint) => dqn(joint, settings));
const cases: Readonly<Record<string, Case>> = {
  maddpg: one(maddpg, 'rows'),
  dqn: one(dqn, 'rows'),
  vdn: one(vdn, 'rows'),
  qmix: one(qmix, 'rows'),
  naf: one(naf, 'rows', settings, real),
  continuousDqn: one(continuousDqn, 'rows', settings, real),
  tabularQ: one(tabularQ, 'rows', {}),
  linearQ: one(linearQ, 'rows', { size: 1, features: () => [1] }),
  opponentModels: one(opponentModels, 'rows', {}),
  jointly: one(byDqn, 'rows', {}),
  recurrentDqn: one(recurrentDqn, 'a rollout'),
  ppo: one(ppo, 'a rollout'),
  trpo: one(trpo, 'a rollout'),
  ippo: one(ippo, 'a rollout'),
  mappo: one(mappo, 'a rollout'),
  happo: one(happo, 'a rollout'),
  hatrpo: one(hatrpo, 'a rollout'),
  a2c: one(a2c, 'a rollout'),
  maa2c: one(maa2c, 'a rollout'),
  coma: one(coma, 'a rollout'),
};
const clock = { steps: 0, total: 1 };
const table = Object.entries(cases);
const drain = async (training: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of training);
};

it('all learners that make something by themselves are looked at', () => {
  const combining = ['core: defineLearner', 'core: independent', 'core: only'];
  const names = exportedLearners().filter((name) => !combining.includes(name));
  expect(Object.keys(cases).sort()).toEqual(names.map((name) => name.split(': ')[1]!).sort());
});

describe.each(table)('%s', (name, { env, make, options, learnsFrom }) => {
  it('refuses an environment in place of its groups, and nothing', () => {
    const expected = `${name}: expected the groups of an environment, env.groups, got`;
    expect(() => make(env, options)).toThrow(`${expected} an object with `);
    expect(() => make(undefined, options)).toThrow(`${expected} nothing`);
    expect(() => make({}, options)).toThrow(`${expected} an empty object`);
  });

  it('refuses a seed in place of a stream', () => {
    const learner = make(env.groups, options);
    expect(() => learner.init(0 as never)).toThrow('.init: expected rng to be a stream, such as rng(0), got 0');
    expect(() => (learner.init as () => unknown)()).toThrow(
      '.init: expected rng to be a stream, such as rng(0), got nothing',
    );
  });

  it('refuses a mode that there is not', () => {
    const learner = make(env.groups, options);
    const state = learner.init(rng(0));
    const wrong = (mode: unknown) => () => learner.policies(state, mode as 'explore');
    expect(wrong('explode')).toThrow(`${name}.policies: expected mode to be 'explore' or 'exploit', got 'explode'`);
    expect(wrong(undefined)).toThrow(`${name}.policies: expected mode to be 'explore' or 'exploit', got nothing`);
  });

  it('refuses the experience of another loop, and its state is not consumed', async () => {
    const learner = make(env.groups, options);
    const state = learner.init(rng(0));
    const before = structuredClone(state);
    const rows = { rng: rng(0), env, learner: learner as never, state, steps: 40 };
    const buffer = replay(env.groups, { capacity: 40 }) as unknown as Buffer<never, never>;
    const training =
      learnsFrom === 'rows' ? onPolicy({ ...rows, horizon: 5 }) : offPolicy({ ...rows, buffer, batchSize: 8 });
    const [wanted, came] = learnsFrom === 'rows' ? ['rows', 'a rollout'] : ['a rollout', 'rows'];
    await expect(drain(training)).rejects.toThrow(
      new RegExp(`^${name}\\.update: expected ${wanted}, which .*, got ${came}, which`),
    );
    expect(structuredClone(state)).toEqual(before);
  });
});

describe.each(table.filter(([, { options }]) => 'runtime' in options))('%s', (name, { env, make, options }) => {
  it('refuses a state that was made with other settings, and what is no state', () => {
    const learner = make(env.groups, options);
    const wider = make(env.groups, { ...options, hidden: [5] }).init(rng(0));
    const expected = `${name}.policies: expected a state of this learner, made with the same settings for the same groups; `;
    const given = (state: unknown) => () => learner.policies(state, 'exploit');
    expect(given(wider)).toThrow(new RegExp(`^${expected}\\S+: expected \\[[\\d, ]+\\], got \\[[\\d, ]+\\]$`));
    expect(given({ state: wider, steps: 0 })).toThrow(expected);
    expect(given(undefined)).toThrow(`${expected}expected weights, got nothing`);
    given(structuredClone(learner.init(rng(0))))();
  });

  it('refuses what is no runtime', () => {
    const wrong = (given: unknown) => () => make(env.groups, { ...options, runtime: given });
    const expected = `${name}: expected a runtime, such as onnx() or await fastestRuntime(), got`;
    expect(wrong(Promise.resolve(runtime))).toThrow(`${expected} a promise (await it)`);
    expect(wrong('onnx')).toThrow(`${expected} 'onnx'`);
    expect(wrong(null)).toThrow(`${expected} null`);
    expect(wrong(() => runtime)).toThrow(`${expected} a function`);
  });
});

it('sequences are no rows', async () => {
  const buffer = sequenceReplay(world.groups, { capacity: 40, length: 4 }) as unknown as Buffer<never, never>;
  const learner = dqn(world.groups, settings) as never;
  const training = offPolicy({ env: world as never, learner, buffer, rng: rng(0), steps: 40, batchSize: 8 });
  await expect(drain(training)).rejects.toThrow(/^dqn\.update: expected rows, .*, got a rollout/);
});

it('what takes options refuses to go without, and names that it does not know', () => {
  const [bare, odd] = [[undefined], [{ capacity: 10, numEnvs: 1, sise: 3 }]];
  const table: Readonly<Record<string, (...options: never) => unknown>> = {
    replay: (options: never) => replay(world.groups, options),
    sequenceReplay: (options: never) => sequenceReplay(world.groups, options),
    linearQ: (options: never) => linearQ(world.groups, options),
    vectorize: (options: never) => vectorize(() => expect.fail('made nothing'), options),
  };
  for (const [name, make] of Object.entries(table)) {
    expect(() => make(...(bare as never))).toThrow(
      new RegExp(`^${name}: expected options, such as \\{ .* \\}, got nothing$`),
    );
    expect(() => make(...(odd as never))).toThrow(new RegExp(`^${name}: options: expected some of .*, got '`));
  }
});

it('loops refuse to go without settings', async () => {
  const none = undefined as never;
  const expected = (name: string) => new RegExp(`^${name}: expected settings with env, .*rng, got nothing$`);
  await expect(drain(offPolicy(none))).rejects.toThrow(expected('offPolicy'));
  await expect(drain(onPolicy(none))).rejects.toThrow(expected('onPolicy'));
  await expect(evaluate(none)).rejects.toThrow(expected('evaluate'));
});

it('loops resume from snapshots alone', async () => {
  const learner = ppo(world.groups, settings);
  const run = { env: world, learner, rng: rng(0), steps: 40, horizon: 5 };
  const resume = { state: learner.init(rng(0)), steps: 20, name: '000001-step-20' } as never;
  await expect(drain(onPolicy({ ...run, resume }))).rejects.toThrow(
    'onPolicy: expected resume to be what progress.snapshot() gave, got an object with state, steps, name',
  );
  await drain(onPolicy({ ...run, resume: undefined })); // what `resume` of @troupe/keep gives the first time
});

it('policies of one group refuse all groups and environments', () => {
  const of = (name: string) => `${name}: expected group to be one group, such as env.groups.agents, got an object with`;
  expect(() => randomPolicy(world as never)).toThrow(`${of('randomPolicy')} name`);
  expect(() => randomPolicy(world.groups as never)).toThrow(`${of('randomPolicy')} agent`);
  expect(() => scripted(world as never, () => 0)).toThrow(`${of('scripted')} name`);
});

it('policies of one group refuse what all groups see', () => {
  const seen = world.reset(rng(0)) as never;
  for (const policy of [
    randomPolicy(world.groups.agent),
    scripted(world.groups.agent, () => 0),
    ppo(world.groups, settings).policies(ppo(world.groups, settings).init(rng(0)), 'exploit').agent,
  ]) {
    expect(() => policy.act(seen, rng(0), clock)).toThrow(
      'expected observation to be what one group sees, such as current.agents, got an object with agent',
    );
  }
});

it('policies refuse what agents of another group see', () => {
  const learner = ppo(real.groups, settings);
  const policy = learner.policies(learner.init(rng(0)), 'exploit').agent;
  expect(() => policy.act(world.reset(rng(0)).agent, rng(0), clock)).toThrow(
    'ppo policy of agent: expected observations [2, 1, 3], as its group has them, got [2, 1, 5]',
  );
});

it('independent learners are learners, not what makes them', () => {
  expect(() => independent({ agent: ppo } as never)).toThrow(
    "independent: group 'agent': expected learner to be a learner, got a function",
  );
});

it('a state of another learner is not taken for a carry', () => {
  const state = ppo(world.groups, settings).init(rng(0)) as never;
  expect(() => maddpg(world.groups, settings).policies(state, 'exploit')).toThrow(
    'for the same groups; carry: expected weights, got nothing',
  );
  expect(() =>
    coma(world.groups, settings).update(state, { steps: 1, numEnvs: 2, batch: {} } as never, rng(0), clock),
  ).toThrow('coma.update: expected a state of this learner');
  expect(() => leavesOf(3 as unknown as Carry<Record<string, never>>)).toThrow(
    'leavesOf: expected a carry, as carryOf makes it, got 3',
  );
});

it('a runtime is awaited before variables are compiled', () => {
  expect(() => compileVariables(Promise.resolve(runtime) as never, () => undefined)).toThrow(
    'compileVariables: expected a runtime, such as onnx() or await fastestRuntime(), got a promise (await it)',
  );
});
