import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clockIsCpu } from './clock.js';
import { LARGE_PAGES } from './quiet-process.js';

/** The peer program for the same work. */
export interface Peer {
  readonly args: readonly string[];
  /** Which of its variants people write. */
  readonly idiomatic: readonly string[];
  /** Stands in place of the program given on the command line. */
  readonly program?: string;
  /** All lines printed are of the same work; otherwise the last one is it. */
  readonly forms?: boolean;
  /** Of the lines printed, those whose name begins so. */
  readonly line?: string;
  /** Threads that it may use; default 1, as on this side. */
  readonly threads?: number;
  /** As for contestants. */
  readonly gflop?: number;
}

/** What one run of a peer printed: milliseconds of its best variant, and of the faster of the idiomatic ones. */
export interface PeerRound {
  readonly best: number;
  readonly idiomatic: number;
}

/** Milliseconds, by the clock and of the processor. */
interface Figures {
  readonly ms_median: number;
  readonly cpu_ms_median?: number;
}
interface Line extends Figures {
  readonly name: string;
  readonly variants?: Readonly<Record<string, Figures>>;
}

/** Runs the program again and again in one process: importing its libraries takes longer than most of its work. */
const loop = `
import json, os, runpy, sys
program = sys.argv[1]
sys.path[0] = os.path.dirname(os.path.abspath(program))
for line in sys.stdin:
    sys.argv = [program, *json.loads(line)]
    runpy.run_path(program, run_name='__main__')
    print('done', flush=True)
`;

/** Starts a peer. `ask` runs it once more; Errors say what it printed instead of figures. */
export const startPeer = (
  given: string,
  { program = given, args, idiomatic, forms = false, line: wantedLine = '', threads = 1 }: Peer,
) => {
  const env = {
    ...process.env,
    // OpenBLAS does not listen to PyTorch's own setting.
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    ...LARGE_PAGES, // the peers are a little faster with them
  };
  const child = spawn('/usr/bin/python3', ['-c', loop, program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const figure = clockIsCpu() ? 'cpu_ms_median' : 'ms_median';
  const command = `${program} ${args.join(' ')}`;
  return {
    ask: async (): Promise<PeerRound> => {
      child.stdin.write(`${JSON.stringify(args)}\n`);
      const printed: Line[] = [];
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error(`bench: ${command} ended before its work was done`);
        const line: string = next.value;
        if (line === 'done') break;
        if (line.startsWith('{')) printed.push(JSON.parse(line) as Line);
      }
      const fitting = printed.filter(({ name }) => name.startsWith(wantedLine));
      const results = forms ? fitting : fitting.slice(-1);
      if (results.length === 0) throw new Error(`bench: expected a line of JSON from ${command}`);
      const variants = new Map(results.flatMap((result) => Object.entries(result.variants ?? {})));
      const each = [...results, ...variants.values()].map((one) => one[figure]).filter((ms) => ms !== undefined);
      const best = Math.min(...each);
      return { best, idiomatic: Math.min(...idiomatic.map((name) => variants.get(name)?.[figure] ?? best)) };
    },
    stop: (): void => {
      child.stdin.end();
    },
  };
};
