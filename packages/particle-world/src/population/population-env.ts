import {
  copyFrame,
  stepArrays,
  type FrameArrays,
  type Groups,
  type JointObservation,
  type Rng,
  type Scene,
  type VecEnv,
  type VecStep,
} from '@troupe/core';
import type { Draws } from '../numpy.js';
import { observationSchema, type ObservationSchemas } from '../observation.js';
import type { ParticleActions } from '../particle-env.js';
import { crowdActions } from './actions.js';
import { createCrowd, look, placeOf, type Crowd } from './crowd.js';
import { drawCrowd } from './draw.js';
import { moveCrowd } from './motion.js';
import { observer, type Sight } from './observe.js';
import { loadCrowd, saveCrowd } from './saved.js';
import type { PopulationScenario } from './scenario.js';
import { taskDescriptor, type PopulationTask } from './task.js';

/** Settings of every population. */
export interface PopulationSettings extends Sight {
  /** Number E of environments that are stepped together. */
  readonly numEnvs: number;
  /** Steps after which an episode is truncated. */
  readonly maxCycles: number;
  /** One or more; one is drawn for each episode. */
  readonly tasks: readonly PopulationTask[];
  /** How neighbours are searched for; the results are the same. */
  readonly search: 'grid' | 'exhaustive';
}

/** What environment `e` of a population is in. */
export interface PopulationState {
  /** Index in `tasks`. */
  readonly task: number;
  /** Steps since the episode began. */
  readonly cycle: number;
  /** By slot, roles one after another, in world units and world units per time unit; null where nobody lives. */
  readonly agents: readonly ({ readonly position: readonly number[]; readonly velocity: readonly number[] } | null)[];
  /** Landmarks in order, world units. */
  readonly landmarks: readonly { readonly position: readonly number[] }[];
}

/** Many copies of a population scenario, stepped together. Everything is synchronous. */
export interface PopulationEnv<G extends Groups> extends VecEnv<G> {
  /** Name of the scenario, one of `populations`. */
  readonly scenario: string;
  /** What episodes are drawn from, each with the same probability. */
  readonly tasks: readonly PopulationTask[];
  /** Per task: see `taskSchema`. */
  readonly descriptors: readonly Float32Array[];
  /** Names, places and units of what each group observes. */
  readonly schemas: ObservationSchemas<G>;
  /** Environment e draws from `rng.split().split('environment e')`, its tasks too. */
  reset(rng: Rng): JointObservation<G>;
  /** One step everywhere. Throws before anything moved if an action of a living agent is wrong. */
  step(actions: ParticleActions<G>): VecStep<G>;
  /** Environment `e` drawn as it is now: who lives, and the landmarks of its task. */
  render(e: number): Scene;
  /** The state of all environments and their streams, as plain data. */
  save(): unknown;
  /**
   * Continues bit for bit from what `save` returned. Throws a TypeError for what nothing here saved, and a RangeError for
   * another scenario or other settings.
   */
  load(saved: unknown): JointObservation<G>;
  /** Index in `tasks` of the episode that environment `e` is playing. */
  taskOf(e: number): number;
  /** A copy of what environment `e` is in. */
  worldState(e: number): PopulationState;
  /**
   * Sets what is given, and rewrites the observations of environment `e` in the arrays handed out last as `current`. Null
   * as an agent kills it. Throws a RangeError for wrong numbers of agents or landmarks.
   */
  setWorldState(e: number, state: Partial<Omit<PopulationState, 'task'>>): void;
  /** What the latest episode that ended in environment `e` measured, per step where it is a rate; null before. */
  measured(e: number): Readonly<Record<string, number>> | null;
}

/** The groups of a scenario, given what a role observes. Shared by `populationEnv` and the scenarios. */
export type GroupsFor<G extends Groups> = (size: number, slots: readonly number[]) => G;

/** A population scenario as a `VecEnv`: state in double precision, observations and rewards in single. */
export const populationEnv = <G extends Groups>(
  scenario: PopulationScenario,
  settings: PopulationSettings,
  groupsFor: GroupsFor<G>,
): PopulationEnv<G> => {
  const { numEnvs, maxCycles, tasks } = settings;
  const { roles, regions, measures } = scenario;
  const exhaustive = settings.search === 'exhaustive';
  const crowd = createCrowd(roles, scenario.landmark.size, tasks, measures.length, numEnvs, exhaustive);
  const { slots, first } = crowd;
  const descriptors = tasks.map((task) => taskDescriptor(scenario.name, task, regions));
  const { observe, parts } = observer(settings, crowd, descriptors);
  const seenAs = observationSchema(parts);
  const width = seenAs.size;
  const groups = groupsFor(
    width,
    roles.map((_, r) => first[r + 1]! - first[r]!),
  );
  const names = Object.keys(groups);
  const outputs = [stepArrays(groups, numEnvs), stepArrays(groups, numEnvs)] as const;
  const readers = names.map((name, r) => crowdActions(name, groups[name]!, r, crowd));
  const lived = new Uint8Array(slots);
  let ended: (readonly number[] | null)[] = Array.from({ length: numEnvs }, () => null);
  let side: 0 | 1 = 0;
  let streams: readonly Draws[] = [];

  const begin = (e: number): void => {
    const draws = streams[e]!;
    const t = tasks.length > 1 ? draws.int(tasks.length) : 0;
    const { counts, landmarks, worldSize, sight } = tasks[t]!;
    crowd.task[e] = t;
    crowd.cycle[e] = 0;
    crowd.half[e] = worldSize;
    crowd.sight[e] = sight;
    crowd.landmarks[e] = landmarks;
    crowd.tally.fill(0, e * measures.length, (e + 1) * measures.length);
    crowd.velocity.fill(0, e * slots * 2, (e + 1) * slots * 2);
    for (let r = 0; r < roles.length; r++) {
      for (let i = first[r]!; i < first[r + 1]!; i++) {
        crowd.alive[e * slots + i] = i - first[r]! < counts[r]! ? 1 : 0;
        if (crowd.alive[e * slots + i] === 1) scatterAt(crowd, e, i, regions.agents, draws);
      }
    }
    for (let l = 0; l < landmarks; l++) scatterAt(crowd, e, slots + l, regions.landmarks, draws);
  };

  /** Writes what is seen in environment `e`, whose grids are filled. */
  const show = (e: number, { observation, active }: FrameArrays): void => {
    for (let r = 0; r < roles.length; r++) {
      const [from, to] = [first[r]!, first[r + 1]!];
      for (let i = from; i < to; i++) {
        const row = e * (to - from) + i - from;
        const alive = crowd.alive[e * slots + i]!;
        active[r]![row] = alive;
        if (alive === 1) observe(crowd, e, i, observation[r]!, row * width);
        else observation[r]!.fill(0, row * width, (row + 1) * width);
      }
    }
  };
  const showAll = (): JointObservation<G> => {
    side = side === 0 ? 1 : 0;
    for (let e = 0; e < numEnvs; e++) {
      look(crowd, e);
      show(e, outputs[side].current);
    }
    return outputs[side].step.current;
  };

  const stepOne = (e: number, actions: ParticleActions<G>): void => {
    const out = outputs[side];
    crowd.force.fill(0);
    crowd.reward.fill(0);
    for (let i = 0; i < slots; i++) lived[i] = crowd.alive[e * slots + i]!;
    for (let r = 0; r < readers.length; r++) readers[r]!.read(crowd, e, actions[names[r]!]!);
    moveCrowd(crowd, e);
    look(crowd, e);
    const truncated = ++crowd.cycle[e]! >= maxCycles;
    if (scenario.resolve(crowd, e, streams[e]!)) look(crowd, e);
    const terminated = !truncated && scenario.over !== undefined && scenario.over(crowd, e);
    for (let r = 0; r < roles.length; r++) {
      const [from, to] = [first[r]!, first[r + 1]!];
      for (let i = from; i < to; i++) {
        const row = e * (to - from) + i - from;
        out.reward[r]![row] = lived[i] === 1 ? crowd.reward[i]! : 0;
        out.discount[r]![row] = terminated ? 0 : crowd.alive[e * slots + i]!;
      }
    }
    out.last[e] = truncated || terminated ? 1 : 0;
    show(e, out.next);
  };

  const requireStarted = (where: string): void => {
    if (streams.length === 0) throw new Error(`${where}: expected reset or load first`);
  };
  const requireEnv = (where: string, e: number): void => {
    if (!(Number.isInteger(e) && e >= 0 && e < numEnvs)) {
      throw new RangeError(`${where}: expected an environment in [0, ${numEnvs}), got ${String(e)}`);
    }
  };
  const placed = (k: number, e: number): readonly number[] => {
    const p = placeOf(crowd, e, k);
    return [crowd.position[p]!, crowd.position[p + 1]!];
  };

  return {
    scenario: scenario.name,
    groups,
    numEnvs,
    tasks,
    descriptors,
    schemas: Object.fromEntries(names.map((name) => [name, seenAs])) as ObservationSchemas<G>,
    reset(rng) {
      const root = rng.split();
      streams = Array.from({ length: numEnvs }, (_, e) => root.split(`environment ${e}`));
      ended.fill(null);
      for (let e = 0; e < numEnvs; e++) begin(e);
      return showAll();
    },
    step(actions) {
      requireStarted('step');
      for (let r = 0; r < readers.length; r++) readers[r]!.check(crowd, actions[names[r]!]);
      side = side === 0 ? 1 : 0;
      const out = outputs[side];
      for (let e = 0; e < numEnvs; e++) stepOne(e, actions);
      copyFrame(out.next, out.current);
      for (let e = 0; e < numEnvs; e++) {
        if (out.last[e] === 0) continue;
        const q = measures.length;
        ended[e] = [...crowd.tally.subarray(e * q, (e + 1) * q)];
        begin(e);
        look(crowd, e);
        show(e, out.current);
      }
      return out.step;
    },
    render(e) {
      requireEnv('render', e);
      return drawCrowd(scenario, crowd, e);
    },
    save() {
      requireStarted('save');
      return saveCrowd(scenario.name, crowd, streams, ended);
    },
    load(saved) {
      ({ streams, ended } = loadCrowd(scenario.name, crowd, saved));
      return showAll();
    },
    taskOf(e) {
      requireEnv('taskOf', e);
      return crowd.task[e]!;
    },
    worldState(e) {
      requireEnv('worldState', e);
      return {
        task: crowd.task[e]!,
        cycle: crowd.cycle[e]!,
        agents: Array.from({ length: slots }, (_, i) => {
          const v = (e * slots + i) * 2;
          if (crowd.alive[e * slots + i] === 0) return null;
          return { position: placed(i, e), velocity: [crowd.velocity[v]!, crowd.velocity[v + 1]!] };
        }),
        landmarks: Array.from({ length: crowd.landmarks[e]! }, (_, l) => ({ position: placed(slots + l, e) })),
      };
    },
    setWorldState(e, { agents, landmarks, cycle }) {
      requireStarted('setWorldState');
      requireEnv('setWorldState', e);
      requireMany('agents', agents, slots);
      requireMany('landmarks', landmarks, crowd.landmarks[e]!);
      agents?.forEach((agent, i) => {
        crowd.alive[e * slots + i] = agent === null ? 0 : 1;
        if (agent === null) return;
        crowd.position.set(agent.position, placeOf(crowd, e, i));
        crowd.velocity.set(agent.velocity, (e * slots + i) * 2);
      });
      landmarks?.forEach(({ position }, l) => crowd.position.set(position, placeOf(crowd, e, slots + l)));
      if (cycle !== undefined) crowd.cycle[e] = cycle;
      look(crowd, e);
      show(e, outputs[side].current);
    },
    measured(e) {
      requireEnv('measured', e);
      const values = ended[e]!;
      return values && Object.fromEntries(measures.map((name, q) => [name, values[q]!]));
    },
  };
};

/** Throws a RangeError unless there are `n` bodies whose numbers are pairs of finite ones. */
const requireMany = (
  what: string,
  given: PopulationState['agents'] | PopulationState['landmarks'] | undefined,
  n: number,
): void => {
  if (given === undefined) return;
  if (given.length !== n) throw new RangeError(`setWorldState: expected ${n} ${what}, got ${given.length}`);
  given.forEach((body, k) => {
    for (const pair of body === null ? [] : Object.values(body)) {
      if (pair.length === 2 && pair.every(Number.isFinite)) continue;
      throw new RangeError(`setWorldState: expected two finite numbers for ${what} ${k}, got [${pair.join(', ')}]`);
    }
  });
};

/** Puts an agent or a landmark somewhere in the share `region` of the world. */
export const scatterAt = (crowd: Crowd, e: number, k: number, region: number, draws: Draws): void => {
  const extent = region * crowd.half[e]!;
  const p = placeOf(crowd, e, k);
  crowd.position[p] = -extent + 2 * extent * draws.uniform();
  crowd.position[p + 1] = -extent + 2 * extent * draws.uniform();
};
