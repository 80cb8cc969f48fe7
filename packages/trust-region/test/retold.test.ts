import { box, defineEnv, discrete, multiDiscrete, rng, type Groups, type Rollout } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  happo,
  hatrpo,
  type Attempt,
  type PpoOptions,
  type TrpoOptions,
  type TrustRegionState,
  type UpdateReport,
} from '../src/index.js';
import { played, toldByActing, type Any, type Told } from './played.js';

const runtime = runtimes[1]![1];
const clock = { steps: 0, total: 1 };

/** Two groups with choices of different shapes, some of them not legal, and episodes of three steps. */
const rooms = () => {
  let t = 0;
  const look = (x: number) => ({ pair: { a: [x, t], b: [-x, 1] }, other: { c: [x, t, t * x] } });
  return defineEnv({
    groups: {
      pair: { agents: ['a', 'b'], observation: box([2]), action: discrete(3) },
      other: { agents: ['c'], observation: box([3]), action: multiDiscrete(2, 3) },
    },
    reset: (stream) => {
      t = 0;
      return look(stream.normal());
    },
    step: ({ pair, other }) => {
      t += 1;
      const reward = pair.a - pair.b + other.c[1]! * t;
      const rewards = { pair: { a: reward, b: reward }, other: { c: reward } };
      return { observations: look(reward / 3), rewards, terminated: t === 3, truncated: false };
    },
    legal: () => ({ pair: { a: [1, 1, 1], b: t === 1 ? [0, 1, 1] : [1, 1, 1] }, other: { c: [1, 1, 1, 0, 1] } }),
  });
};

/** A rollout of it, in which one agent is dead half of the time. */
const rolloutFor = async (make: (groups: Groups) => Any) => {
  const [groups, rollout] = await played(rooms, make);
  for (let row = 8; row < 24; row++) rollout.batch.groups['pair']!.active.set(row, 1, 0);
  return { groups, rollout };
};

type Groupwise<T> = Readonly<Record<string, T>>;
const LENGTH = 4; // of sequences
const allTold = async (learner: Any, state: TrustRegionState, groups: Groups, rollout: Rollout<Groups>) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(groups).map(async ([name, group]) => {
        const acting = learner.acting!(state)[name]!;
        return [name, await toldByActing(runtimes[0]![1], acting, rollout, [name, group], LENGTH)] as const;
      }),
    ),
  );

/** log π of what was done, [B·N]. */
const taken = (told: Told, rollout: Rollout<Groups>, name: string): number[] => {
  const { data } = rollout.batch.groups[name]!.action;
  return told.map((heads, r) => heads.reduce((sum, own, k) => sum + own[data[r * heads.length + k]!]!, 0));
};
/** Rows [B·N] of an actor's agents: all, or those of one slot. */
const rowsOf = (actor: string, slots: Groupwise<readonly string[]>, rows: number): readonly number[] => {
  const [name, id] = actor.split('/') as [string, string?];
  const own = slots[name]!;
  const all = Array.from({ length: rows * own.length }, (_, r) => r);
  return id === undefined ? all : all.filter((r) => own[r % own.length] === id);
};
const slots = { pair: ['a', 'b'], other: ['c'] };

describe('the compound factor', () => {
  const settings: PpoOptions = {
    runtime,
    hidden: [6],
    optimiser: 'sgd',
    learningRateActor: 0.5,
    maxGradNorm: null,
    epochs: 2,
    criticEpochs: 1,
    sequenceLength: LENGTH,
  };
  const cases: readonly PpoOptions[] = [
    {},
    { minibatches: 2 },
    { memory: 'lstm', minibatches: 2 },
    { sharing: 'sharedWithIds', memory: 'gru' },
    { deadRows: 'counted' },
  ];
  const inParts: readonly TrpoOptions[] = [{}, { parts: 2 }, { parts: 2, memory: 'gru' }];
  type Learn = (of: Groups, inspect: (report: UpdateReport) => void) => Any;
  const byHappo =
    (options: PpoOptions): Learn =>
    (of, inspect) =>
      happo(of, { ...settings, ...options, inspect });
  const byHatrpo = (options: TrpoOptions): Learn => (of, inspect) => hatrpo(of, { runtime, hidden: [6], kl: 0.03, sequenceLength: LENGTH, ...options, inspect }); // prettier-ignore
  it.each([
    ...cases.map((options) => ['HAPPO', options, byHappo(options)] as const),
    ...inParts.map((options) => ['HATRPO', options, byHatrpo(options)] as const),
  ])('is what acting says that the actors before have changed: %s %j', async (_name, options, learn) => {
    const reports: UpdateReport[] = [];
    const make = (of: Groups): Any => learn(of, (report) => reports.push(structuredClone(report)));
    const { groups, rollout } = await rolloutFor(make);
    const learner = make(groups);
    const state = learner.init(rng(3).split('init')); // whose policies have played
    const before = await allTold(learner, state, groups, rollout);
    const [next] = await learner.update(state, rollout, rng(2), clock);
    const after = await allTold(learner, next, groups, rollout);
    const rows = rollout.batch.last.length;
    const expected = new Float64Array(rows);
    const actors = reports.filter(({ of }) => of === 'actor');
    expect(actors).toHaveLength(options.sharing ? 2 : 3);
    for (const { name, factor } of actors) {
      const [group] = name.split('/') as [string];
      const n = slots[group as keyof typeof slots].length;
      const [old, now] = [taken(before[group]!, rollout, group), taken(after[group]!, rollout, group)];
      for (const r of rowsOf(name, slots, rows)) {
        const counts = options.deadRows === 'counted' || rollout.batch.groups[group]!.active.data[r] === 1;
        if (counts) expected[Math.floor(r / n)]! += now[r]! - old[r]!;
      }
      (factor as Float64Array).forEach((x, b) => expect(x / Math.exp(expected[b]!)).toBeCloseTo(1, 4));
    }
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
  });
});

it('a trust-region step on every part of the rows goes as far as one may go, each time', async () => {
  const parts: (readonly Readonly<Record<string, number>>[])[] = [];
  const make = (of: Groups, n: number): Any => {
    const inspect = (report: UpdateReport) => report.of === 'actor' && parts.push(report['parts'] as (typeof parts)[0]);
    return hatrpo(of, { runtime, hidden: [6], parts: n, inspect });
  };
  const { groups, rollout } = await rolloutFor((of) => make(of, 1));
  const learner = make(groups, 4);
  const [, metrics] = await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
  expect(parts.slice(1)).toHaveLength(2); // of three actors
  for (const steps of parts) {
    expect(steps).toHaveLength(4);
    for (const { accepted, kl } of steps) expect(kl).toBeLessThan(0.01 * (accepted === 1 ? 1 : 1e-9));
  }
  const all = parts.flat();
  expect(metrics['accepted']).toBeCloseTo(all.reduce((sum, { accepted }) => sum + accepted!, 0) / 12, 6);
  expect(metrics['accepted']).toBeGreaterThan(0.5);
});

it.each<PpoOptions>([
  { critic: 'own', sharing: 'sharedWithIds' },
  { critic: 'own', values: 'agent' },
  { values: 'agent' },
  { values: 'team' },
])('a critic with memory says in learning what it said of a rollout, agent by agent: %j', async (options) => {
  const reports: UpdateReport[] = [];
  const inspect = (report: UpdateReport) => report.of === 'critic' && reports.push(structuredClone(report));
  const make = (of: Groups): Any =>
    happo(of, {
      ...{ runtime, hidden: [6], epochs: 1, criticEpochs: 1, deadRows: 'counted', inspect, ...options },
      ...{ criticMemory: 'gru', sequenceLength: LENGTH, valueNorm: 'none', valueClip: null, huber: null },
    });
  const { groups, rollout } = await rolloutFor(make);
  const learner = make(groups);
  await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
  expect(reports.length).toBeGreaterThan(0);
  for (const { passes, old, returns } of reports) {
    const [first] = passes as readonly Readonly<Record<'value' | 'criticLoss', number>>[];
    const [values, goals] = [Array.from(old as Float64Array), returns as Float64Array];
    const mean = (of: (x: number, i: number) => number) =>
      values.reduce((sum, x, i) => sum + of(x, i), 0) / goals.length;
    expect(first!.value).toBeCloseTo(mean((x) => x), 5); // prettier-ignore
    expect(first!.criticLoss).toBeCloseTo(mean((x, i) => (goals[i]! - x) ** 2 / 2), 5); // prettier-ignore
  }
});

it('actors in a fixed order learn in that of the groups and agents, at every update', async () => {
  const seen: string[] = [];
  const inspect = ({ of, name }: UpdateReport) => of === 'actor' && seen.push(name);
  const make = (of: Groups): Any => happo(of, { runtime, hidden: [4], order: 'fixed', inspect });
  const { groups, rollout } = await rolloutFor(make);
  const learner = make(groups);
  let state = learner.init(rng(1));
  for (let k = 0; k < 4; k++) [state] = await learner.update(state, rollout, rng(k), clock);
  const once = ['pair/a', 'pair/b', 'other/c'];
  expect(seen).toEqual([...once, ...once, ...once, ...once]);
});

it.each([
  { deadRows: 'ignored', divergence: 'exact' },
  { deadRows: 'counted', divergence: 'ratio' },
] as const)('a trust-region step measures its divergence over legal choices: %j', async (settings) => {
  const counted = settings.deadRows === 'counted';
  const reports: UpdateReport[] = [];
  const inspect = (report: UpdateReport) => report.of === 'actor' && reports.push(structuredClone(report));
  const make = (of: Groups): Any => hatrpo(of, { runtime, hidden: [6], ...settings, inspect });
  const { groups, rollout } = await rolloutFor(make);
  const learner = make(groups);
  const state = learner.init(rng(3).split('init'));
  const before = await allTold(learner, state, groups, rollout);
  const kept = structuredClone(state);
  const [next] = await learner.update(state, rollout, rng(2), clock);
  const rows = rollout.batch.last.length;

  /** Of one choice: p log(p / p′), or, without its probability, p′/p − 1 − log(p′/p). */
  const term = (x: number, y: number): number =>
    settings.divergence === 'exact' ? Math.exp(x) * (x - y) : Math.expm1(y - x) - (y - x);
  const divergence = (old: Told, now: Told, r: number): number =>
    old[r]!.flatMap((own, k) => own.map((x, i) => (x > -Infinity ? term(x, now[r]![k]![i]!) : 0))).reduce(
      (a, b) => a + b,
    );
  /** Of an actor, as a mean over its living rows, or all of them. */
  const meanOf = (actor: string, of: (r: number) => number, all = false): number => {
    const { data } = rollout.batch.groups[actor.split('/')[0]!]!.active;
    const living = rowsOf(actor, slots, rows).filter((r) => all || data[r] === 1);
    return living.reduce((sum, r) => sum + of(r), 0) / living.length;
  };
  let factor: Float64Array = new Float64Array(rows).fill(1);
  const after = await allTold(learner, next, groups, rollout);
  for (const report of reports) {
    const { name } = report;
    const [group] = name.split('/') as ['pair' | 'other'];
    const n = slots[group].length;
    const tried = (report['attempts'] as readonly Attempt[]).at(-1)!;
    expect(tried.accepted).toBe(true);
    const farFrom = (to: Told) => meanOf(name, (r) => divergence(before[group]!, to, r), counted);
    const spent = farFrom(after[group]!);
    expect(tried.kl / spent).toBeCloseTo(1, 3);
    const [old, now] = [taken(before[group]!, rollout, group), taken(after[group]!, rollout, group)];
    const advantage = report['advantage'] as Float64Array; // of its own rows, one after another
    const gain = meanOf(name, (r) => {
      const b = Math.floor(r / n);
      return Math.exp(now[r]! - old[r]!) * advantage[b]! * factor[b]!;
    });
    expect(tried.surrogate).toBeCloseTo(gain, 4);
    factor = report['factor'] as Float64Array;

    // ½ xᵀF x h² is the divergence of a short step h x, to second order: the same on both sides, third orders cancel.
    const x = report['solution'] as Float32Array;
    const [curvature, h] = [report['curvature'] as number, 0.3 * (report['stepSize'] as number)];
    const copy = slots[group].indexOf(name.split('/')[1]!);
    const moved = async (by: number): Promise<number> => {
      const there = structuredClone(kept);
      const { data, offset } = leavesOf(there.actors[group]![copy]!).theta;
      for (let i = 0; i < x.length; i++) data[offset + i]! += by * x[i]!;
      return farFrom((await allTold(learner, there, groups, rollout))[group]!);
    };
    const form = ((await moved(h)) + (await moved(-h))) / h ** 2;
    const undamped = curvature - 0.1 * x.reduce((sum, v) => sum + v * v, 0);
    expect(Math.abs(form / undamped - 1)).toBeLessThan(0.02);
  }
  expect(reports).toHaveLength(3);
});
