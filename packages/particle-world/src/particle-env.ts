import {
  copyFrame,
  mapGroups,
  sizeOf,
  stepArrays,
  type Groups,
  type JointObservation,
  type Rng,
  type Scene,
  type StepArrays,
  type VecEnv,
  type VecStep,
} from '@troupe/core';
import { actionReader, type ActionsRead } from './actions.js';
import { createEmitter } from './emit.js';
import { draw, type RenderOptions } from './draw.js';
import { numpyDraws, type Draws } from './numpy.js';
import { observationSchema, type ObservationSchemas } from './observation.js';
import { advance } from './physics.js';
import { copyEnvironment, loadWorld, saveWorld } from './saved.js';
import type { Scenario } from './scenario.js';
import { readState, writeState, type WorldState } from './state.js';
import { conventionOf, type Version } from './versions.js';
import { createWorld } from './world.js';

/** Settings of every particle world. */
export interface ParticleSettings {
  /** Number E of environments that are stepped together. */
  readonly numEnvs: number;
  /** Steps after which an episode is truncated. */
  readonly maxCycles: number;
  /** Dynamics and meaning of continuous actions. A scenario's rewards follow it where the scenario says so. */
  readonly version: Version;
  /** Half the side of the square that agents cannot leave, world units; null or left out: no walls. */
  readonly walls?: number | null;
  /** First stage of the curriculum, where the scenario has one. */
  readonly stage?: number;
}

/** Actions of every group. Double precision is read as it is; learners hand in single precision. */
export type ParticleActions<G extends Groups> = { readonly [K in keyof G]: ActionsRead };

/** Many copies of one scenario, stepped together. Everything is synchronous. */
export interface ParticleEnv<G extends Groups> extends VecEnv<G> {
  /** Name of the scenario, such as 'simple_tag'. */
  readonly scenario: string;
  /** Whose dynamics and continuous actions it follows. */
  readonly version: Version;
  /** Names, places and units of what each group observes. */
  readonly schemas: ObservationSchemas<G>;
  /**
   * Begins an episode everywhere. Environment e draws from `rng.split().split('environment e')`: it plays the same
   * episodes however many environments there are, and other ones at the next `reset` with the same stream.
   */
  reset(rng: Rng): JointObservation<G>;
  /**
   * Begins the episodes that the reference begins with these seeds, one per environment: draws as NumPy's default
   * generator does. Episodes that follow continue those streams, as the reference does when it is reset without a seed.
   */
  resetSeeded(seeds: readonly (number | bigint)[]): JointObservation<G>;
  /** One step everywhere. Throws before anything moved if an action is missing, of a wrong shape or out of its space. */
  step(actions: ParticleActions<G>): VecStep<G>;
  /** Environment `e` drawn as it is now, in the reference's colours. */
  render(e: number, options?: RenderOptions): Scene;
  /** What the latest episode of environment `e` ended in, drawn; null before one has ended. */
  renderFinal(e: number, options?: RenderOptions): Scene | null;
  /** The state of all environments, their streams and the ends kept, as plain data. */
  save(): unknown;
  /**
   * Continues bit for bit from what `save` returned. Throws a TypeError for what nothing here saved, and a RangeError for
   * another scenario or other settings.
   */
  load(saved: unknown): JointObservation<G>;
  /** A copy of what environment `e` is in. */
  worldState(e: number): WorldState;
  /** Sets what is given, and rewrites the observation of environment `e` in the arrays handed out last as `current`. */
  setWorldState(e: number, state: Partial<WorldState>): void;
  /** A copy of what the latest episode of environment `e` ended in; null before one has ended. */
  finalState(e: number): WorldState | null;
  /**
   * What the reference calls benchmark data, per agent in the order of the cast: measures of the state after the latest
   * step of environment `e`, also where that step ended an episode. What they are is in the package's README, scenario by
   * scenario. Empty lists in scenarios that have none.
   */
  benchmark(e: number): readonly (readonly number[])[];
  /** Stage of the curriculum in episodes that begin from now on. Throws a RangeError where there is no such stage. */
  setStage(stage: number): void;
}

/** The schemas of a scenario. Throws a RangeError for parts that do not make up the observation. */
const schemasOf = <G extends Groups>({ name, groups, observations }: Scenario<G>): ObservationSchemas<G> =>
  mapGroups(groups, (group, key) => {
    const size = sizeOf(group.observation);
    const found = observationSchema(
      observations?.[key] ?? [{ name: 'observation', shape: [size], unit: '', about: 'everything' }],
    );
    if (found.size === size) return found;
    throw new RangeError(`${name}: expected parts of ${size} numbers for group '${key}', got ${found.size}`);
  });

/** A scenario as a `VecEnv`: state in double precision, observations and rewards rounded to single at the very end. */
export const particleEnv = <G extends Groups>(scenario: Scenario<G>, settings: ParticleSettings): ParticleEnv<G> => {
  const { numEnvs, maxCycles } = settings;
  const { groups, cast } = scenario;
  const { movesWith, mirrored } = conventionOf(settings.version);
  const withOld = movesWith === 'old velocity';
  const world = createWorld(cast, scenario.goals, scenario.stages ?? 1, numEnvs, settings.walls ?? Infinity);
  const final = createWorld(cast, scenario.goals, scenario.stages ?? 1, numEnvs, world.wall);
  const ended = new Uint8Array(numEnvs);
  const outputs = [stepArrays(groups, numEnvs), stepArrays(groups, numEnvs)] as const;
  let side: 0 | 1 = 0;
  let stage = settings.stage ?? 0;
  let streams: readonly Draws[] = [];

  const names = Object.keys(groups);
  const schemas = schemasOf(scenario);
  const emitter = createEmitter(scenario, world);
  const readers = names.map((name, g) => actionReader(name, groups[name]!, emitter.members[g]!, numEnvs, mirrored));
  const begin = (e: number): void => {
    const { agents, messageSize, velocity, message } = world;
    velocity.fill(0, e * agents * 2, (e + 1) * agents * 2);
    message.fill(0, e * agents * messageSize, (e + 1) * agents * messageSize);
    world.cycle[e] = 0;
    world.stage[e] = stage;
    scenario.applyStage?.(world, e);
    scenario.reset(world, e, streams[e]!);
  };

  /** Whether the episode of `e` is over. Truncation decides first, as in the reference. */
  const finish = (e: number, out: StepArrays): boolean => {
    const truncated = ++world.cycle[e]! >= maxCycles;
    if (scenario.succeeded === undefined) return truncated;
    const terminated = !truncated && scenario.succeeded(world, e);
    for (const discount of out.discount) {
      const slots = discount.length / numEnvs;
      discount.fill(terminated ? 0 : 1, e * slots, (e + 1) * slots);
    }
    return truncated || terminated;
  };

  const requireStarted = (where: string): void => {
    if (streams.length === 0) throw new Error(`${where}: expected reset or load first`);
  };
  const requireEnv = (where: string, e: number): void => {
    if (!(Number.isInteger(e) && e >= 0 && e < numEnvs)) {
      throw new RangeError(`${where}: expected an environment in [0, ${numEnvs}), got ${String(e)}`);
    }
  };

  /** Hands out the other set of arrays with what is seen now. */
  const show = (): JointObservation<G> => {
    side = side === 0 ? 1 : 0;
    emitter.observe(0, numEnvs, outputs[side].current.observation);
    return outputs[side].step.current;
  };

  const restart = (from: readonly Draws[]): JointObservation<G> => {
    streams = from;
    ended.fill(0);
    for (let e = 0; e < numEnvs; e++) begin(e);
    return show();
  };

  return {
    scenario: scenario.name,
    version: settings.version,
    schemas,
    groups,
    numEnvs,
    reset(rng) {
      const root = rng.split();
      return restart(Array.from({ length: numEnvs }, (_, e) => root.split(`environment ${e}`)));
    },
    resetSeeded(seeds) {
      if (seeds.length !== numEnvs) {
        throw new RangeError(`resetSeeded: expected ${numEnvs} seeds, got ${seeds.length}`);
      }
      return restart(seeds.map(numpyDraws));
    },
    step(actions) {
      requireStarted('step');
      for (let g = 0; g < readers.length; g++) readers[g]!(world, actions[names[g]!]!);
      side = side === 0 ? 1 : 0;
      const out = outputs[side];
      for (let e = 0; e < numEnvs; e++) advance(world, e, withOld);
      emitter.reward(out.reward);
      emitter.observe(0, numEnvs, out.next.observation);
      copyFrame(out.next, out.current);
      for (let e = 0; e < numEnvs; e++) {
        const over = finish(e, out);
        out.last[e] = over ? 1 : 0;
        if (!over) continue;
        copyEnvironment(world, final, e);
        ended[e] = 1;
        begin(e);
        emitter.observe(e, e + 1, out.current.observation);
      }
      return out.step;
    },
    render(e, options) {
      requireEnv('render', e);
      return draw(scenario, world, e, options);
    },
    renderFinal(e, options) {
      requireEnv('renderFinal', e);
      return ended[e] === 1 ? draw(scenario, final, e, options) : null;
    },
    save: () => saveWorld(scenario.name, world, final, ended, stage, streams),
    load(saved) {
      const loaded = loadWorld(scenario.name, world, final, ended, saved);
      stage = loaded.stage;
      streams = loaded.streams;
      for (let e = 0; e < numEnvs; e++) scenario.applyStage?.(world, e);
      return show();
    },
    worldState(e) {
      requireEnv('worldState', e);
      return readState(world, e);
    },
    setWorldState(e, state) {
      requireStarted('setWorldState');
      requireEnv('setWorldState', e);
      writeState(world, e, state);
      scenario.applyStage?.(world, e);
      emitter.observe(e, e + 1, outputs[side].current.observation);
    },
    finalState(e) {
      requireEnv('finalState', e);
      return ended[e] === 1 ? readState(final, e) : null;
    },
    benchmark(e) {
      requireEnv('benchmark', e);
      const judged = ended[e] === 1 && world.cycle[e] === 0 ? final : world;
      return cast.agents.map((_, i) => scenario.benchmark?.(judged, e, i) ?? []);
    },
    setStage(next) {
      const stages = scenario.stages ?? 0;
      if (!(Number.isInteger(next) && next >= 0 && next < stages)) {
        const expected = stages === 0 ? 'a scenario with a curriculum' : `an integer in [0, ${stages})`;
        throw new RangeError(`setStage: expected ${expected}, got ${String(next)} in ${scenario.name}`);
      }
      stage = next;
    },
  };
};
