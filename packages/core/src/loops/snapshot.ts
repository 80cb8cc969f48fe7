import type { Collector } from './collect.js';
import type { Groups } from '../env.js';
import type { Batch, Buffer, Metrics, Policies, Snapshot } from '../learn.js';
import type { Rng, RngState } from '../rng.js';
import type { JointObservation, VecEnv } from '../vec.js';

interface Parts<G extends Groups> {
  readonly worlds: Collector<G>;
  readonly policies: Policies<G>;
  readonly buffer?: Buffer<Batch<G>, unknown>;
}

/** The named streams of a run, saved and loaded together. */
export interface RunStreams {
  of(name: string): Rng;
  save(): Readonly<Record<string, RngState>>;
  /** Puts every part where the snapshot says it was. */
  resume<G extends Groups>(
    snapshot: Snapshot<unknown>,
    parts: Parts<G> & { readonly current: JointObservation<G> | undefined },
  ): void;
}

export const runStreams = (root: Rng, names: readonly string[]): RunStreams => {
  const streams = new Map(names.map((name) => [name, root.split(name)]));
  return {
    of: (name) => streams.get(name)!,
    save: () => Object.fromEntries([...streams].map(([name, stream]) => [name, stream.save()])),
    resume(snapshot, { worlds, policies, buffer, current }) {
      for (const [name, stream] of streams) stream.load(snapshot.rng[name] as RngState);
      if (snapshot.buffer !== undefined) buffer?.load?.(snapshot.buffer);
      for (const name in policies) {
        const memory = snapshot.policies[name];
        if (memory !== undefined) policies[name].load?.(structuredClone(memory));
      }
      worlds.load({ ...snapshot.running, act: snapshot.rng['act'] as Record<string, unknown> }, current !== undefined);
    },
  };
};

/** An owned copy of everything that a run consists of. */
export const snapshotOf = <G extends Groups, S>(
  parts: Parts<G> & {
    readonly state: S;
    readonly steps: number;
    readonly updates: number;
    readonly metrics: Metrics;
    readonly streams: RunStreams;
    readonly env: VecEnv<G>;
  },
): Snapshot<S> => {
  const { act, ...running } = parts.worlds.save();
  const memories: Record<string, unknown> = {};
  for (const name in parts.policies) memories[name] = parts.policies[name].save?.();
  // What a buffer saves is a copy already, and may be most of the memory there is.
  const buffer = parts.buffer?.save?.();
  const rest = structuredClone({
    state: parts.state,
    steps: parts.steps,
    updates: parts.updates,
    metrics: parts.metrics,
    rng: { ...parts.streams.save(), act },
    policies: memories,
    ...(parts.env.save && { env: parts.env.save() }),
    running,
  });
  return { ...rest, buffer };
};

/** Puts the environment where the snapshot says, or says that it cannot be done and episodes begin anew. */
export const resumeEnv = <G extends Groups>(
  where: string,
  env: VecEnv<G>,
  snapshot: Snapshot<unknown>,
): JointObservation<G> | undefined => {
  if (snapshot.env !== undefined && env.load) return env.load(structuredClone(snapshot.env));
  console.warn(
    `${where}: this environment cannot be saved (it has no save and load), so the run continues at the start of new episodes and will differ from the one that was interrupted`,
  );
  return undefined;
};
