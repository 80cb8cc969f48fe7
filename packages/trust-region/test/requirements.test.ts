import { box, discrete, hybrid, multiDiscrete, rng, type Groups, type Learner, type Rollout } from '@troupe/core';
import { mlp } from '@troupe/networks';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  coma,
  happo,
  hatrpo,
  mappo,
  ppo,
  trpo,
  type Attempt,
  type PpoOptions,
  type TrustRegionState,
  type UpdateReport,
} from '../src/index.js';
import { f32, randomRollout } from './rollouts.js';

const runtime = runtimes[1]![1];
const groups: Groups = { team: { agents: ['a', 'b'], observation: box([3]), action: discrete(3) } };
const clock = { steps: 0, total: 1 };
type Any = Learner<Groups, TrustRegionState, Rollout<Groups>>;
const small = { runtime, hidden: [4] };
const weights = (state: TrustRegionState): number[] =>
  [...Object.values(state.actors).flat(), ...Object.values(state.critics)].flatMap(({ flat }) => Array.from(flat));

describe('a rollout that does not fit', () => {
  const withState = (rollout: Rollout<Groups>, size: number): Rollout<Groups> => {
    const { team } = rollout.batch.groups;
    const state = f32(new Array<number>(8 * size).fill(0), 8, size);
    const told = { ...team!, state, next: { ...team!.next, state } };
    return { ...rollout, batch: { ...rollout.batch, groups: { team: told } } };
  };
  const fitting = randomRollout({ steps: 4, numEnvs: 2, agents: 2 });
  const { team: silent } = fitting.batch.groups;
  const extras = { memory: f32(new Array<number>(64).fill(0), 8, 2, 4) };
  const remembering = { ...fitting, batch: { ...fitting.batch, groups: { team: { ...silent!, extras } } } };
  const cases: readonly (readonly [string, PpoOptions, Rollout<Groups>, string])[] = [
    ['no rows', {}, { ...fitting, batch: { ...fitting.batch, groups: {} } }, "expected rows of group 'team'"],
    ['few rows', { minibatches: 9 }, fitting, "9 parts of the actors of group 'team', got 8 rows"],
    ['no memories', { memory: 'gru', sequenceLength: 2 }, fitting, 'expected extras.memory'],
    [
      'few sequences of actors',
      { minibatches: 5, memory: 'gru', sequenceLength: 2 },
      remembering,
      "the actors of group 'team', got 8 rows in sequences of 2",
    ],
    ['broken sequences of actors', { memory: 'gru', sequenceLength: 3 }, remembering, 'a multiple of sequenceLength 3'],
    [
      'few sequences of critics',
      { minibatches: 5, criticMemory: 'gru', sequenceLength: 2 },
      fitting,
      "critic 'team', got 8 rows in sequences of 2",
    ],
    ['broken sequences', { criticMemory: 'lstm', sequenceLength: 3 }, fitting, 'a multiple of sequenceLength 3'],
    ['no state', { stateSpace: box([5]) }, fitting, 'expected a state in the rollout'],
    ['another state', { stateSpace: box([5]) }, withState(fitting, 7), 'expected states of 5 numbers'],
  ];
  it.each(cases)('is refused before anything is learnt: %s', async (_name, options, rollout, message) => {
    const learner = mappo(groups, { ...small, ...options });
    const state = learner.init(rng(1));
    const before = weights(state);
    await expect(learner.update(state, rollout, rng(2), clock)).rejects.toThrow(message);
    expect(weights(state)).toEqual(before);
  });

  it.each([
    ['few rows', { parts: 9 }, "9 parts of the actors of group 'team', got 8 rows"],
    ['few sequences', { parts: 5, memory: 'gru', sequenceLength: 2 }, 'got 8 rows in sequences of 2'],
    ['broken sequences', { memory: 'gru', sequenceLength: 3 }, 'a multiple of sequenceLength 3'],
  ] as const)('is refused by a trust region, too: %s', async (_name, options, message) => {
    const learner = hatrpo(groups, { ...small, ...options });
    await expect(learner.update(learner.init(rng(1)), remembering, rng(2), clock)).rejects.toThrow(message);
  });

  it('is refused by COMA, too', async () => {
    const learner = coma(groups, small);
    const nobody = { ...fitting, batch: { ...fitting.batch, groups: {} } };
    await expect(learner.update(learner.init(rng(1)), nobody, rng(2), clock)).rejects.toThrow("rows of group 'team'");
    const seeing = coma(groups, { ...small, stateSpace: box([5]) });
    const update = (rollout: Rollout<Groups>) => seeing.update(seeing.init(rng(1)), rollout, rng(2), clock);
    await expect(update(fitting)).rejects.toThrow('expected a state in the rollout');
    await expect(update(withState(fitting, 7))).rejects.toThrow('expected states of 5 numbers');
  });
});

describe('a rollout of views', () => {
  const plain = randomRollout({ steps: 4, numEnvs: 2, agents: 2 });
  type Numbers = ndarray.NdArray<Float32Array>;
  /** The elements from index 4 of a longer array on (sums of inputs depend on where in 16 bytes they begin), or every second one of it. */
  const seenAs = (every: 1 | 2): Rollout<Groups> => {
    const view = (x: Numbers): Numbers => {
      const data = new (x.data.constructor as Float32ArrayConstructor)(4 + every * x.size + 3).fill(1);
      x.data.forEach((value, i) => (data[4 + every * i] = value));
      const stride = x.stride.map((s) => every * s);
      return ndarray(data, [...x.shape], stride, 4);
    };
    const all = (of: object): object =>
      Object.fromEntries(
        Object.entries(of).map(([name, x]: [string, object]) => [name, 'stride' in x ? view(x as Numbers) : all(x)]),
      );
    return { ...plain, batch: { ...plain.batch, groups: all(plain.batch.groups) } } as Rollout<Groups>;
  };
  const learners: readonly (readonly [string, () => Learner<Groups, never, Rollout<Groups>>])[] = [
    ['separate actors', () => mappo(groups, { ...small, sharing: 'separate' }) as never],
    ['a shared actor', () => mappo(groups, { ...small, sharing: 'shared' }) as never],
    ['a trust region', () => hatrpo(groups, small) as never],
    ['COMA', () => coma(groups, small) as never],
  ];
  it.each(learners)('teaches the same: %s', async (_name, make) => {
    const after = async (rollout: Rollout<Groups>) => {
      const learner = make();
      const [state, metrics] = await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
      return { state: structuredClone(state), metrics };
    };
    const expected = await after(plain);
    expect(await after(seenAs(1))).toEqual(expected);
    expect(await after(seenAs(2))).toEqual(expected);
  });
});

describe('a rollout that does not say how probable actions were', () => {
  const settings = { ...small, optimiser: 'sgd', learningRateActor: 0.5, criticEpochs: 1, minibatches: 1 } as const;
  it.each([
    ['more passes than one call has', ppo(groups, { ...settings, epochs: 10 })],
    ['minibatches', ppo(groups, { ...settings, epochs: 3, minibatches: 2 })],
    ['an actor that might have to stop', ppo(groups, { ...settings, epochs: 3, maxKl: 1e9 })],
    ['parts of a trust region', hatrpo(groups, { ...small, criticEpochs: 1, parts: 2 })],
  ])('is one of the policy before the update: %s', async (_name, learner) => {
    const silent = randomRollout({ steps: 16, numEnvs: 4, agents: 2 });
    const { team } = silent.batch.groups;
    const { theta, step } = learner.acting!(learner.init(rng(1)))['team']!;
    const { output } = await runtime.compile(step).run({ layout: [], flat: new Float32Array(0) }, { theta, ...team! });
    const logits = output.output.data as Float32Array;
    const logProb = Array.from(team!.action.data, (chosen, r) => {
      const own = logits.subarray(3 * r, 3 * r + 3);
      return own[chosen]! - Math.log(own.reduce((sum, x) => sum + Math.exp(x), 0));
    });
    const told = { ...team!, extras: { logProb: f32(logProb, 64, 2) } };
    const saying = { ...silent, batch: { ...silent.batch, groups: { team: told } } };
    const after = async (rollout: Rollout<Groups>) => {
      const [state] = await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
      return weights(state);
    };
    const expected = await after(saying);
    (await after(silent)).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 4));
  });
});

describe('what is given in place of the standard', () => {
  const fitting = randomRollout({ steps: 4, numEnvs: 2, agents: 2 });
  const wide = ({ inputs }: { readonly inputs: number }) => mlp({ inputs, outputs: 7, hidden: [] });
  it.each(['actor', 'critic'] as const)('has to be as wide as it is needed: %s', async (role) => {
    const learner = mappo(groups, { ...small, networks: { [role]: wide } });
    const message = `networks.${role}: expected a network for 'team' with an output of width ${role === 'actor' ? 3 : 1}, got 7`;
    await expect(learner.update(learner.init(rng(1)), fitting, rng(2), clock)).rejects.toThrow(message);
  });

  it('has to have a name that is known', () => {
    const networks = { actr: wide } as object;
    expect(() => happo(groups, { ...small, networks })).toThrow(
      "happo: networks: expected some of actor, critic, got 'actr'",
    );
  });

  it('may not be without effect', () => {
    const message = "ppo: stateSpace: expected a joint critic, which sees the state, got critic 'own'";
    expect(() => ppo(groups, { ...small, stateSpace: box([5]) })).toThrow(message);
  });

  it('may not be without sense', () => {
    const mixed = { m: { agents: ['a'], observation: box([1]), action: hybrid(box([1]), multiDiscrete(2)) } } as const;
    expect(() => hatrpo(mixed, { ...small, divergence: 'ratio' })).toThrow("the hybrid actions of group 'm'");
    for (const backtrack of [0, 1]) {
      expect(() => trpo(groups, { ...small, backtrack })).toThrow('backtrack: expected a number in (0, 1)');
    }
  });
});

describe('the standard networks', () => {
  it.each([
    ['relu', Math.SQRT2],
    ['tanh', 5 / 3],
  ] as const)(
    'begin orthogonal, with the gain of %s, biases of 0, and a policy that is nearly uniform',
    (activation, gain) => {
      const state = mappo(groups, { ...small, hidden: [8], activation, layerNorm: false }).init(rng(1));
      const weightsOf = (carry: TrustRegionState['critics'][string]): readonly number[] => {
        const { data, offset, size } = leavesOf(carry).theta;
        return Array.from(data as Float32Array).slice(offset, offset + size);
      };
      /** Of rows or columns, whichever are fewer: how long they are, and how much they have in common. */
      const expectOrthogonal = (kernel: readonly number[], rows: number, length: number): void => {
        const columns = kernel.length / rows;
        const wide = columns > rows;
        const vector = (k: number) => kernel.filter((_, i) => (wide ? Math.floor(i / columns) : i % columns) === k);
        for (let a = 0; a < Math.min(rows, columns); a++) {
          for (let b = 0; b <= a; b++) {
            const product = vector(a).reduce((sum, x, i) => sum + x * vector(b)[i]!, 0) / length ** 2;
            expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
          }
        }
      };
      const actor = weightsOf(state.actors['team']![0]!);
      const critic = weightsOf(state.critics['team']!);
      for (const [theta, inputs, outputs, last] of [
        [actor, 3, 3, 0.01],
        [critic, 6, 1, 1],
      ] as const) {
        const [first, after] = [8 * inputs, 8 * inputs + 8];
        expectOrthogonal(theta.slice(0, first), inputs, gain);
        expectOrthogonal(theta.slice(after, after + 8 * outputs), 8, last);
        const biases = [...theta.slice(first, after), ...theta.slice(after + 8 * outputs)];
        expect(biases).toEqual(new Array<number>(8 + outputs).fill(0));
      }
    },
  );
});

describe('a deviation that is not said', () => {
  const movers = { m: { agents: ['a'], observation: box([3]), action: box([2]) } } as const;
  const start = (options: PpoOptions): number[] => {
    const state = happo(movers, { ...small, ...options }).init(rng(1));
    const { theta } = leavesOf(state.actors['m']![0]!) as { theta: ndarray.NdArray<Float32Array> };
    return Array.from(theta.data.subarray(theta.offset, theta.offset + theta.size)).slice(-2);
  };
  it('begins where its form does', () => {
    expect(start({})).toEqual([1, 1]); // 0.5 · sigmoid(1), as in HARL
    expect(start({ deviationScale: 4 })).toEqual([4, 4]); // y · sigmoid(x / x)
    expect(start({ deviation: 'exp' })).toEqual([0, 0]); // e⁰
    expect(start({ deviation: 'exp', deviationStart: -0.5 })).toEqual([-0.5, -0.5]);
  });
});

describe('updates that are asked for at the same time', () => {
  it.each([
    ['ppo', (of: Groups) => ppo(of, { ...small, minibatches: 2 })],
    ['happo', (of: Groups) => happo(of, small)],
    ['hatrpo', (of: Groups) => hatrpo(of, { ...small, cgIterations: 2 })],
  ] as const)('are those that come one after another, and one that fails is alone in that: %s', async (_name, make) => {
    const learner: Any = make(groups);
    const once = async (seed: number): Promise<number[]> => {
      const rollout = randomRollout({ steps: 16, numEnvs: 4, agents: 2, seed });
      const [state] = await learner.update(learner.init(rng(seed)), rollout, rng(seed), clock);
      return weights(state);
    };
    const alone = [await once(1), await once(2)];
    const failing = learner.update(
      learner.init(rng(1)),
      { steps: 0, numEnvs: 1, batch: { groups: {}, last: new Uint8Array(0), env: new Int32Array(0) } },
      rng(1),
      clock,
    );
    const together = await Promise.all([once(1), once(2), expect(failing).rejects.toThrow('expected rows of group')]);
    expect(together.slice(0, 2)).toEqual(alone);
  });
});

it('a trust region in parts learns from every row', async () => {
  const learner = hatrpo(groups, { ...small, parts: 4, normaliseAdvantages: false, lambda: 0, criticEpochs: 1 });
  const after = async (row: number | undefined): Promise<readonly number[]> => {
    const rollout = randomRollout({ steps: 4, numEnvs: 2, agents: 2 });
    if (row !== undefined) rollout.batch.groups['team']!.reward.set(row, 0, 9);
    const [{ actors }] = await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
    return actors['team']!.flatMap(({ flat }) => Array.from(flat));
  };
  const seen = [await after(undefined)];
  for (let row = 0; row < 8; row++) seen.push(await after(row));
  expect(new Set(seen.map((weights) => weights.join())).size).toBe(9);
});

describe('a line search', () => {
  it('does not begin where nothing is to be gained', async () => {
    const reports: UpdateReport[] = [];
    const inspect = (report: UpdateReport) => report.of === 'actor' && reports.push(structuredClone(report));
    const learner = trpo(groups, { ...small, lambda: 1, minibatches: 1, inspect });
    const rollout = randomRollout({ steps: 1, numEnvs: 8, agents: 2 });
    rollout.batch.groups['team']!.active.data.fill(0); // nobody lives who could learn
    const state = learner.init(rng(1));
    const before = state.actors['team']!.map(({ flat }) => flat.slice());
    const [next, metrics] = await learner.update(state, rollout, rng(2), clock);
    expect(reports.map(({ attempts }) => attempts)).toEqual([[], []]);
    expect(next.actors['team']!.map(({ flat }) => flat)).toEqual(before);
    expect(metrics).toMatchObject({ accepted: 0, attempts: 0, kl: 0 });
  });

  it('gives up tries that lead out of the finite numbers, and leaves the actor as it was', async () => {
    const movers: Groups = { team: { agents: ['a'], observation: box([3]), action: box([1]) } };
    const reports: UpdateReport[] = [];
    const learner = hatrpo(movers, {
      ...small,
      kl: 1e12,
      cgIterations: 2,
      inspect: (report) => report.of === 'actor' && reports.push(structuredClone(report)),
    });
    const state = learner.init(rng(3));
    const { theta } = leavesOf(state.actors['team']![0]!) as { theta: ndarray.NdArray<Float32Array> };
    const before = Array.from(theta.data.subarray(theta.offset, theta.offset + theta.size));
    const rollout = randomRollout({ steps: 1, numEnvs: 200, agents: 1 });
    const { team } = rollout.batch.groups;
    const action = f32(Array.from(rng(4).fillNormal(new Float32Array(200))), 200, 1, 1);
    const given = { ...rollout, batch: { ...rollout.batch, groups: { team: { ...team!, action } } } };
    const [next, metrics] = await learner.update(state, given, rng(1), clock);
    const attempts = reports[0]!['attempts'] as readonly Attempt[];
    expect(attempts).toHaveLength(10);
    expect(attempts[0]).toMatchObject({ kl: Infinity, surrogate: -Infinity, accepted: false });
    expect(metrics['accepted']).toBe(0);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    const after = leavesOf(next.actors['team']![0]!) as { theta: ndarray.NdArray<Float32Array> };
    expect(Array.from(after.theta.data.subarray(after.theta.offset, after.theta.offset + before.length))).toEqual(
      before,
    );
  });

  it('begins with a step of sensible length where damping is all of the curvature that single precision knows', async () => {
    const lengths: number[] = [];
    const learner = hatrpo(groups, {
      ...small,
      damping: 1e8,
      cgTolerance: 0,
      cgIterations: 1,
      inspect: ({ of, full }) => of === 'actor' && lengths.push(Math.hypot(...(full as Float32Array))),
    });
    for (const seed of [1, 2, 3, 4]) {
      const rollout = randomRollout({ steps: 1, numEnvs: 64, agents: 2, seed });
      await learner.update(learner.init(rng(seed)), rollout, rng(1), clock);
    }
    expect(lengths).toHaveLength(8);
    expect(Math.max(...lengths)).toBeLessThan(10);
  });
});
