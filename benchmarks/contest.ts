import { spawnSync } from 'node:child_process';
import type { Measurement } from './measurement.js';

/** One side of a comparison: the same work as the others, on a runtime of its own. */
export interface Contestant {
  readonly runtime: string;
  readonly config: Record<string, unknown>;
  /** What one unit of work is, where its number per second is the figure. */
  readonly unit?: string;
  /** Units that one call of `round` does; default 1. */
  readonly units?: number;
  /** Does the work once more and returns its milliseconds. Called in turn with the others. */
  round(): number | Promise<number>;
  dispose?(): void;
}

/** A benchmark: how its contestants are made, and what a peer calls the same work. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  contestants(): Promise<readonly Contestant[]> | readonly Contestant[];
  /**
   * Arguments of the peer program for the same work, and which of its variants people write. `program` stands in place of
   * the one given on the command line; `forms` says that all lines printed, not only the last, are of the same work.
   */
  readonly peer?: {
    readonly args: readonly string[];
    readonly idiomatic: readonly string[];
    readonly program?: string;
    readonly forms?: boolean;
  };
}

/** What one run of a peer printed: milliseconds of its best variant, and of the faster of the idiomatic ones. */
interface PeerRound {
  readonly best: number;
  readonly idiomatic: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** Milliseconds of `calls` calls, per call. */
export const timed = (calls: number, f: () => void): number => {
  const start = performance.now();
  for (let i = 0; i < calls; i++) f();
  return (performance.now() - start) / calls;
};

/** Milliseconds of one call that may be asynchronous: the median of `calls` calls, which is what the peers report too. */
export const medianCall = async (calls: number, f: () => unknown): Promise<number> => {
  const each: number[] = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await f();
    each.push(performance.now() - start);
  }
  return median(each);
};

/** One thread on both sides: OpenBLAS does not listen to PyTorch's own setting. */
const oneThread = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

type PeerLine = {
  readonly ms_median: number;
  readonly variants?: Readonly<Record<string, { readonly ms_median: number }>>;
};

const askPeer = (
  given: string,
  { program = given, args, idiomatic, forms = false }: NonNullable<Benchmark['peer']>,
): PeerRound => {
  const run = spawnSync('/usr/bin/python3', [program, ...args], { encoding: 'utf8', env: oneThread });
  const lines = run.stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  if (run.status !== 0 || lines.length === 0) {
    throw new Error(
      `bench: expected a line of JSON from ${program} ${args.join(' ')}, got: ${run.stdout} ${run.stderr}`,
    );
  }
  const results = (forms ? lines : lines.slice(-1)).map((line) => JSON.parse(line) as PeerLine);
  const best = Math.min(...results.map((result) => result.ms_median));
  const variants = Object.assign({}, ...results.map((result) => result.variants ?? {})) as NonNullable<
    PeerLine['variants']
  >;
  return { best, idiomatic: Math.min(...idiomatic.map((name) => variants[name]?.ms_median ?? best)) };
};

/** How often the first contestant was faster, in the median of the rounds. */
export interface Ratio {
  readonly against: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Runs all contestants in turn, round by round, and a peer with them where there is one. */
export const contest = async (
  benchmark: Benchmark,
  { rounds, warmup, peer }: { readonly rounds: number; readonly warmup: number; readonly peer?: string },
): Promise<{ readonly measurements: readonly Measurement[]; readonly ratios: readonly Ratio[] }> => {
  const sides = await benchmark.contestants();
  const times: number[][] = sides.map(() => []);
  const peers: PeerRound[] = [];
  for (let i = 0; i < warmup; i++) for (const side of sides) await side.round();
  for (let i = 0; i < rounds; i++) {
    for (const [k, side] of sides.entries()) times[k]!.push(await side.round());
    if (peer !== undefined && benchmark.peer) peers.push(askPeer(peer, benchmark.peer));
  }
  for (const side of sides) side.dispose?.();
  const line = (runtime: string, ms: readonly number[], config: Record<string, unknown>): Measurement => ({
    name: benchmark.name,
    runtime,
    msMedian: median(ms),
    msMin: Math.min(...ms),
    n: ms.length,
    config,
  });
  const measurements = sides.map((side, k) => {
    const measured = line(side.runtime, times[k]!, side.config);
    if (side.unit === undefined) return measured;
    return { ...measured, unit: side.unit, perSecond: ((side.units ?? 1) / measured.msMedian) * 1000 };
  });
  const ratioTo = (against: string, ms: readonly number[]): Ratio => {
    const each = ms.map((other, i) => other / times[0]![i]!);
    return { against, median: median(each), low: Math.min(...each), high: Math.max(...each) };
  };
  const ratios = sides.slice(1).map((side, k) => ratioTo(side.runtime, times[k + 1]!));
  if (peers.length > 0) {
    const kinds = benchmark.peer!.idiomatic.length > 0 ? (['idiomatic', 'best'] as const) : (['best'] as const);
    for (const kind of kinds) {
      const ms = peers.map((round) => round[kind]);
      measurements.push(line(`peer (${kind})`, ms, { command: benchmark.peer!.args.join(' ') }));
      ratios.push(ratioTo(`peer (${kind})`, ms));
    }
  }
  return { measurements, ratios };
};
