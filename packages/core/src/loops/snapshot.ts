import type { Collector } from './collect.js';
import type { Groups } from '../env.js';
import type { Batch, Buffer, Metrics, Policies, Progress, Snapshot } from '../learn.js';
import type { Rng, RngState } from '../rng.js';
import type { JointObservation, VecEnv } from '../vec.js';

interface Parts<G extends Groups> {
  readonly worlds: Collector<G>;
  readonly policies: Policies<G>;
  readonly buffer?: Buffer<Batch<G>, unknown>;
}

/** The named streams of a run, saved and loaded together. */
export interface RunStreams {
  /** The stream of this name. */
  of(name: string): Rng;
  /** Where every stream is. */
  save(): Readonly<Record<string, RngState>>;
  /** Puts every part where the snapshot says it was. */
  resume<G extends Groups>(
    snapshot: Snapshot<unknown>,
    parts: Parts<G> & { readonly current: JointObservation<G> | undefined },
  ): void;
}

/** Streams split off `root`, one for each name. */
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
        // Episodes that were not saved are not the ones that are remembered.
        if (current === undefined) policies[name].begin?.(new Uint8Array(snapshot.running.lengths.length).fill(1));
      }
      worlds.load({ ...snapshot.running, act: snapshot.rng['act'] as Record<string, unknown> }, current !== undefined);
    },
  };
};

/** Where a run is, and what it has made. */
interface At<S> {
  readonly state: S;
  readonly steps: number;
  readonly updates: number;
  readonly metrics: Metrics;
}
interface Run<G extends Groups> extends Parts<G> {
  readonly streams: RunStreams;
  readonly env: VecEnv<G>;
}

const snapshotOf = <G extends Groups, S>(run: Run<G>, at: At<S>, buffer: unknown): Snapshot<S> => {
  const { act, ...running } = run.worlds.save();
  const memories: Record<string, unknown> = {};
  for (const name in run.policies) memories[name] = run.policies[name].save?.();
  const rest = structuredClone({
    ...at,
    rng: { ...run.streams.save(), act },
    policies: memories,
    ...(run.env.save && { env: run.env.save() }),
    running,
  });
  // Not cloned: what a buffer saves is a copy already, and may be most of the memory there is.
  return { ...rest, buffer };
};

/** Hands out snapshots of a run: to every progress its own, for as long as the run stays where it was. */
export interface Keeping<S> {
  /** The run goes on: what earlier progresses offer would be a mixture of then and now, and is refused. */
  goOn(): void;
  /** What the progress of this moment can be asked for. */
  offer(at: At<S>): Pick<Progress<Groups, S>, 'snapshot' | 'lend'>;
}

/** Offers snapshots of this run until it goes on. */
export const keeping = <G extends Groups, S>(run: Run<G>): Keeping<S> => {
  const { buffer } = run;
  let turn = 0;
  return {
    goOn() {
      turn += 1;
    },
    offer(at) {
      const now = turn;
      const take = (what: string, ofBuffer: () => unknown): Snapshot<S> => {
        if (turn === now) return snapshotOf(run, at, ofBuffer());
        throw new Error(
          `progress.${what}: expected to be called before the run goes on, got a run beyond step ${at.steps}`,
        );
      };
      return {
        snapshot: () => take('snapshot', () => buffer?.save?.()),
        lend: () => take('lend', () => (buffer?.lend ?? buffer?.save)?.call(buffer)),
      };
    },
  };
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
