import { spawnSync } from 'node:child_process';

/** glibc takes large pages for its heap. Read when a process starts; elsewhere nothing happens. */
export const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

const RESTARTED = 'BENCH_RESTARTED';

/**
 * Runs this program once more, on Linux, in a process with large pages, as the peers run (arrays of a megabyte are gone
 * through some per cent faster), and with `core` on that core only, peers included. Cores of a virtual machine may
 * differ by half while a neighbour uses the other half of one: sides that the system puts on different cores cannot be
 * compared. Returns true where that has been done, `process.exitCode` being what the other process ended with. Throws
 * where that process cannot be started.
 */
export const restarted = (core: number | undefined): boolean => {
  if (process.platform !== 'linux' || process.env[RESTARTED] !== undefined) return false;
  const node = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const [program, ...args] = core === undefined ? node : ['taskset', '--cpu-list', String(core), ...node];
  const { status, error } = spawnSync(program!, args, {
    env: { ...LARGE_PAGES, ...process.env, [RESTARTED]: '1' },
    stdio: 'inherit',
  });
  if (error) throw new Error(`bench: could not start ${program}: ${error.message}`);
  process.exitCode = status ?? 1;
  return true;
};
