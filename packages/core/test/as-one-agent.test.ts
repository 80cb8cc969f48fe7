import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  asOneAgent,
  assertEnv,
  box,
  defineEnv,
  discrete,
  hybrid,
  multiDiscrete,
  rng,
  vectorize,
  type Actions,
  type Env,
  type F32,
  type VecStep,
} from '../src/index.js';

const groups = {
  drivers: {
    agents: ['a', 'b'],
    observation: box([2]),
    action: hybrid(box([1], { low: -1, high: 1 }), multiDiscrete(3)),
  },
  guards: { agents: ['g'], observation: discrete(4), action: discrete(2) },
  crowd: { agents: { max: 2 }, observation: box([1]), action: box([2], { low: 0, high: [1, 5] }) },
} as const;
type G = typeof groups;

/** Everybody sees who they are and the time; rewards are the sums of what was done; one of the crowd dies at step 2. */
const world = (done: unknown[] = []): Env<G> => {
  let t = 0;
  const see = () => ({
    drivers: { a: [1, t], b: [2, t] },
    guards: { g: t % 4 },
    crowd: t < 2 ? { x: [10 + t], y: [20 + t] } : { y: [20 + t] },
  });
  return defineEnv<G>({
    groups,
    stateSpace: box([1]),
    state: () => [100 + t],
    reset() {
      t = 0;
      return see();
    },
    legal: () => ({ drivers: { a: [1, 1, 0], b: [1, 1, 1] }, guards: { g: [0, 1] }, crowd: {} }),
    step(actions: Actions<G>) {
      t += 1;
      done.push(structuredClone(actions));
      return {
        observations: see(),
        rewards: { drivers: { a: 1, b: 2 }, guards: { g: 3 }, crowd: t < 3 ? { x: 4, y: 5 } : { y: 5 } },
        terminated: t === 4,
        truncated: false,
      };
    },
    save: () => t,
    load(saved: unknown) {
      t = saved as number;
      return see();
    },
  });
};
const numbers = (view: F32): number[] => Array.from(view.data);
const oneStep = (env: ReturnType<typeof asOneAgent<G>>, action: readonly number[]) =>
  env.step({ controller: ndarray(Float32Array.from([...action, ...action]), [2, 1, action.length]) }) as VecStep<
    (typeof env)['groups']
  >;

describe('asOneAgent', () => {
  const action = [0.5, -0.5, 0.1, 2, 0.3, 4, 1, 2, 1];

  it('puts spaces side by side, real numbers before choices', () => {
    const { controller } = asOneAgent(vectorize(() => world(), { numEnvs: 2 })).groups;
    expect(controller.action).toEqual(
      hybrid(box([6], { low: [-1, -1, 0, 0, 0, 0], high: [1, 1, 1, 5, 1, 5] }), multiDiscrete(3, 3, 2)),
    );
    expect(controller.observation).toMatchObject({ kind: 'hybrid', box: { shape: [6] }, choices: { counts: [4] } });
  });

  it('shows what all see and hands everybody their part of the action', async () => {
    const done: Record<string, Record<string, ArrayLike<number> | number>>[] = [];
    const env = asOneAgent(vectorize(() => world(done), { numEnvs: 2 }));
    const { controller } = await env.reset(rng(1));
    expect(numbers(controller.observation).slice(0, 7)).toEqual([1, 0, 2, 0, 10, 20, 0]);
    expect(Array.from(controller.legal!.data).slice(0, 8)).toEqual([1, 1, 0, 1, 1, 1, 0, 1]);
    const step = oneStep(env, action);
    const { drivers, guards, crowd } = done[0]!;
    expect(Array.from(drivers!['a'] as Float32Array)).toEqual([0.5, 1]);
    expect(Array.from(drivers!['b'] as Float32Array)).toEqual([-0.5, 2]);
    expect(guards!['g']).toBe(1);
    expect(Object.values(crowd!).map((x) => Array.from(x as Float32Array, (y) => Number(y.toFixed(3))))).toEqual([
      [0.1, 2],
      [0.3, 4],
    ]);
    expect(numbers(step.next.controller.observation).slice(0, 7)).toEqual([1, 1, 2, 1, 11, 21, 1]);
    expect(numbers(step.reward.controller)).toEqual([3, 3]);
    expect(numbers(step.discount.controller)).toEqual([1, 1]);
  });

  it('reads arrays of any strides', async () => {
    const inner = vectorize(() => world(), { numEnvs: 2 });
    const turned = (view: F32): F32 => {
      const [e, n, d] = view.shape as [number, number, number];
      const data = new Float32Array(view.size);
      for (let i = 0; i < e; i++)
        for (let j = 0; j < n; j++) for (let k = 0; k < d; k++) data[(k * n + j) * e + i] = view.get(i, j, k);
      return ndarray(data, [e, n, d], [1, e, e * n]);
    };
    const env = asOneAgent<G>({
      ...inner,
      reset(stream) {
        const seen = inner.reset(stream);
        return { ...seen, drivers: { ...seen.drivers, observation: turned(seen.drivers.observation) } };
      },
    });
    const { controller } = await env.reset(rng(1));
    expect(numbers(controller.observation).slice(0, 7)).toEqual([1, 0, 2, 0, 10, 20, 0]);
    expect(() => asOneAgent(inner, { sees: 'all' as never })).toThrow("expected 'observations' or 'state', got 'all'");
  });

  it('counts the living only', async () => {
    const env = asOneAgent(vectorize(() => world(), { numEnvs: 2 }));
    await env.reset(rng(1));
    for (let t = 1; t <= 2; t++) oneStep(env, action);
    const third = oneStep(env, action);
    expect(numbers(third.reward.controller)).toEqual([11 / 4, 11 / 4]);
    const last = oneStep(env, action);
    expect(numbers(last.discount.controller)).toEqual([0, 0]);
    expect(Array.from(last.last)).toEqual([1, 1]);
    expect(numbers(last.next.controller.observation)[1]).toBe(4);
    expect(numbers(last.current.controller.observation)[1]).toBe(0);
  });

  it('can see the state instead, if there is one', async () => {
    const env = asOneAgent(
      vectorize(() => world(), { numEnvs: 2 }),
      { sees: 'state' },
    );
    expect(env.groups.controller.observation).toEqual(box([1]));
    expect(numbers((await env.reset(rng(1))).controller.observation)).toEqual([100, 100]);
    const without = { ...vectorize(() => world(), { numEnvs: 2 }), stateSpace: undefined } as never;
    expect(() => asOneAgent(without, { sees: 'state' })).toThrow("asOneAgent: sees: expected 'observations'");
  });

  it('leaves the dead one choice, the first', async () => {
    const pair = { pair: { agents: { max: 2 }, observation: box([1]), action: discrete(3) } } as const;
    let t = 0;
    const see = () => ({ pair: t < 1 ? { a: [0], b: [0] } : { a: [0] } });
    const env = asOneAgent(
      vectorize(
        () =>
          defineEnv<typeof pair>({
            groups: pair,
            reset: () => ((t = 0), see()),
            step: () => (
              (t += 1),
              { observations: see(), rewards: { pair: { a: 1, b: 1 } }, terminated: false, truncated: false }
            ),
          }),
        { numEnvs: 1 },
      ),
    );
    await env.reset(rng(1));
    const { next } = await env.step({ controller: ndarray(Int32Array.of(2, 2), [1, 1, 2]) });
    expect(Array.from(next.controller.legal!.data)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('keeps the contract of environments', async () => {
    await assertEnv(() => asOneAgent(vectorize(() => world(), { numEnvs: 3 })));
  });

  it('has to be begun', () => {
    const env = asOneAgent(vectorize(() => world(), { numEnvs: 2 }));
    expect(() => oneStep(env, action)).toThrow('asOneAgent: step: expected reset or load');
  });

  it('refuses actions of another form', async () => {
    const env = asOneAgent(vectorize(() => world(), { numEnvs: 2 }));
    await env.reset(rng(1));
    expect(() => oneStep(env, [1])).toThrow(
      'asOneAgent: step: expected actions of the controller, float32 [2, 1, 9], got float32 [2, 1, 1]',
    );
    expect(() => env.step({} as never)).toThrow('float32 [2, 1, 9], got undefined');
  });
});
