import {
  copyFrame,
  sizeOf,
  slotsOf,
  stepArrays,
  type Groups,
  type JointObservation,
  type Rng,
  type StepArrays,
} from '@troupe/core';
import { actionReader } from './actions.js';
import { loadMemory, saveMemory, type Memory } from './saved.js';
import type { ClassicEnv, Lanes, World, WorldState } from './world.js';

/** Settings of every world here. */
export interface ClassicSettings {
  /** Environments stepped together. */
  readonly numEnvs: number;
  /** Steps after which an episode is truncated; null: no limit. */
  readonly maxSteps: number | null;
}

const copyDoubles = (from: Float64Array, to: Float64Array, at: number, size: number): void => {
  for (let k = at; k < at + size; k++) to[k] = from[k]!;
};

/** A world as a `VecEnv`: state in double precision, observations and rewards rounded to single at the very end. */
export const classicEnv = <G extends Groups>(world: World<G>, settings: ClassicSettings): ClassicEnv<G> => {
  const { numEnvs, maxSteps } = settings;
  const { groups, stateSize } = world;
  const limit = maxSteps ?? Infinity;
  const memory: Memory = {
    state: new Float64Array(numEnvs * stateSize),
    steps: new Int32Array(numEnvs),
    final: new Float64Array(numEnvs * stateSize),
    finalSteps: new Int32Array(numEnvs),
    ended: new Uint8Array(numEnvs),
  };
  const { state, steps, final, finalSteps, ended } = memory;
  const names = Object.keys(groups);
  const slots = names.map((name) => slotsOf(groups[name]!.agents));
  const readers = names.map((name) => actionReader(name, groups[name]!, numEnvs));
  const outputs = [stepArrays(groups, numEnvs), stepArrays(groups, numEnvs)] as const;
  const streams: Rng[] = [];
  const lanes: Lanes = {
    numEnvs,
    state,
    actions: names.map((name, g) => new Float64Array(numEnvs * slots[g]! * sizeOf(groups[name]!.action))),
    rewards: slots.map((n) => new Float64Array(numEnvs * n)),
    terminated: new Uint8Array(numEnvs),
    truncated: new Uint8Array(numEnvs),
    streams,
  };
  let side: 0 | 1 = 0;

  const requireStarted = (where: string): void => {
    if (streams.length === 0) throw new Error(`${where}: expected reset or load first`);
  };
  const requireEnv = (where: string, e: number): void => {
    if (!(Number.isInteger(e) && e >= 0 && e < numEnvs)) {
      throw new RangeError(`${where}: expected an environment in [0, ${numEnvs}), got ${String(e)}`);
    }
  };
  const use = (given: readonly Rng[]): void => void streams.splice(0, streams.length, ...given);

  /** Hands out the other set of arrays with what is seen now. */
  const show = (): JointObservation<G> => {
    side = side === 0 ? 1 : 0;
    world.observe(lanes, 0, numEnvs, outputs[side].current.observation);
    return outputs[side].step.current;
  };
  const begin = (e: number): void => {
    steps[e] = 0;
    world.begin(lanes, e);
  };
  /** Ends and begins episodes, and writes discounts. A task that is over is not also cut. */
  const finish = (out: StepArrays): void => {
    const { terminated, truncated } = lanes;
    for (let e = 0; e < numEnvs; e++) {
      const clock = ++steps[e]!;
      const over = terminated[e]!;
      for (let g = 0; g < slots.length; g++) {
        const n = slots[g]!;
        for (let slot = 0; slot < n; slot++) out.discount[g]![e * n + slot] = 1 - over;
      }
      const last = over === 1 || truncated[e] === 1 || clock >= limit;
      out.last[e] = last ? 1 : 0;
      if (!last) continue;
      copyDoubles(state, final, e * stateSize, stateSize);
      finalSteps[e] = clock;
      ended[e] = 1;
      begin(e);
      world.observe(lanes, e, e + 1, out.current.observation);
    }
  };
  const read = (from: Float64Array, e: number, clock: number): WorldState => ({
    values: Array.from(from.subarray(e * stateSize, (e + 1) * stateSize)),
    steps: clock,
  });

  return {
    name: world.name,
    stateSize,
    maxSteps,
    groups,
    numEnvs,
    reset(rng) {
      const root = rng.split();
      use(Array.from({ length: numEnvs }, (_, e) => root.split(`environment ${e}`)));
      ended.fill(0);
      for (let e = 0; e < numEnvs; e++) begin(e);
      return show();
    },
    step(actions) {
      requireStarted('step');
      for (let g = 0; g < readers.length; g++) readers[g]!(actions[names[g]!], lanes.actions[g]!);
      side = side === 0 ? 1 : 0;
      const out = outputs[side];
      lanes.terminated.fill(0);
      lanes.truncated.fill(0);
      world.advance(lanes);
      world.observe(lanes, 0, numEnvs, out.next.observation);
      for (let g = 0; g < names.length; g++) out.reward[g]!.set(lanes.rewards[g]!);
      copyFrame(out.next, out.current);
      finish(out);
      return out.step;
    },
    render(e) {
      requireEnv('render', e);
      return world.draw(state.slice(e * stateSize, (e + 1) * stateSize));
    },
    save() {
      requireStarted('save');
      return saveMemory(world.name, memory, streams);
    },
    load(saved) {
      use(loadMemory(world.name, memory, saved));
      return show();
    },
    worldState(e) {
      requireEnv('worldState', e);
      return read(state, e, steps[e]!);
    },
    setWorldState(e, given) {
      requireStarted('setWorldState');
      requireEnv('setWorldState', e);
      const { values, steps: clock = steps[e]! } = given;
      if (!(Number.isInteger(clock) && clock >= 0)) {
        throw new RangeError(`setWorldState: expected steps to be an integer >= 0, got ${String(clock)}`);
      }
      if (values !== undefined) {
        const fits = values.length === stateSize && values.every(Number.isFinite);
        const expected = fits ? world.refuse?.(values) : `${stateSize} finite numbers`;
        if (expected !== undefined) {
          throw new RangeError(`setWorldState: ${world.name}: expected ${expected}, got [${values.join(', ')}]`);
        }
        state.set(values, e * stateSize);
      }
      steps[e] = clock;
      world.observe(lanes, e, e + 1, outputs[side].current.observation);
    },
    finalState(e) {
      requireEnv('finalState', e);
      return ended[e] === 1 ? read(final, e, finalSteps[e]!) : null;
    },
  };
};
