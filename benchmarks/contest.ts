import { now } from './clock.js';
import type { Measurement } from './measurement.js';
import { startPeer, type Peer, type PeerRound } from './peer.js';

/** One side of a comparison: the same work as the others, on a runtime of its own. */
export interface Contestant {
  readonly runtime: string;
  readonly config: Record<string, unknown>;
  /** What one unit of work is, where its number per second is the figure. */
  readonly unit?: string;
  /** Units that one call of `round` does; default 1. */
  readonly units?: number;
  /** Floating-point operations of one unit of the work, in 10⁹: gives the share of a peak. */
  readonly gflop?: number;
  /** Does the work once more and returns its milliseconds. Called in turn with the others. */
  round(): number | Promise<number>;
  dispose?(): void;
}

/** A benchmark: how its contestants are made, and what a peer calls the same work. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  contestants(): Promise<readonly Contestant[]> | readonly Contestant[];
  readonly peer?: Peer;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/**
 * How long calls are made that are not counted, in every round: this process has slept while a peer was measured, and a
 * core that was idle takes some time to run at its usual rate. The peers warm up too.
 */
const WARM_MS = 100;

/** Milliseconds of `calls` calls, per call. */
export const timed = (calls: number, f: () => void): number => {
  for (const until = performance.now() + WARM_MS; performance.now() < until;) f();
  const start = now();
  for (let i = 0; i < calls; i++) f();
  return (now() - start) / calls;
};

/** Milliseconds of one call that may be asynchronous: the median of `calls` calls, which is what the peers report too. */
export const medianCall = async (calls: number, f: () => unknown): Promise<number> => {
  const each: number[] = [];
  for (const until = performance.now() + WARM_MS; performance.now() < until;) await f();
  for (let i = 0; i < calls; i++) {
    const start = now();
    await f();
    each.push(now() - start);
  }
  return median(each);
};

/** How many times as fast the first contestant was, in the median of the rounds. */
export interface Ratio {
  readonly against: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** The first one's floating-point operations per second as a part of the other's, where both are counted. */
  readonly share?: number;
}

/** Runs all contestants in turn, round by round, and a peer with them where there is one. */
export const contest = async (
  benchmark: Benchmark,
  { rounds, warmup, peer }: { readonly rounds: number; readonly warmup: number; readonly peer?: string },
): Promise<{ readonly measurements: readonly Measurement[]; readonly ratios: readonly Ratio[] }> => {
  const sides = await benchmark.contestants();
  const times: number[][] = sides.map(() => []);
  const peers: PeerRound[] = [];
  const running = peer !== undefined && benchmark.peer ? startPeer(peer, benchmark.peer) : undefined;
  for (let i = 0; i < warmup; i++) for (const side of sides) await side.round();
  for (let i = 0; i < rounds; i++) {
    for (const [k, side] of sides.entries()) times[k]!.push(await side.round());
    if (running) peers.push(await running.ask());
  }
  running?.stop();
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
  const counted = sides[0]?.gflop;
  const ratioTo = (against: string, ms: readonly number[], gflop: number | undefined): Ratio => {
    const each = ms.map((other, i) => other / times[0]![i]!);
    const ratio = { against, median: median(each), low: Math.min(...each), high: Math.max(...each) };
    return counted === undefined || gflop === undefined ? ratio : { ...ratio, share: (ratio.median * counted) / gflop };
  };
  const ratios = sides.slice(1).map((side, k) => ratioTo(side.runtime, times[k + 1]!, side.gflop));
  if (peers.length > 0) {
    const kinds = benchmark.peer!.idiomatic.length > 0 ? (['idiomatic', 'best'] as const) : (['best'] as const);
    for (const kind of kinds) {
      const ms = peers.map((round) => round[kind]);
      measurements.push(line(`peer (${kind})`, ms, { command: benchmark.peer!.args.join(' ') }));
      ratios.push(ratioTo(`peer (${kind})`, ms, benchmark.peer!.gflop));
    }
  }
  return { measurements, ratios };
};
