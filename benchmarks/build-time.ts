import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Contestant } from './contest.js';
import { standardWork } from './maddpg-update.js';

/** How long it takes until a step is ready, in a process of its own, where nothing has been compiled before. */
const cold = (): Contestant => ({
  runtime: 'onnx-node',
  config: { ...standardWork, includes: 'trace, rewrites, model, session' },
  round: () => {
    const program = fileURLToPath(new URL('engine/build.ts', import.meta.url));
    const run = spawnSync(process.execPath, ['--import', 'tsx', program], { encoding: 'utf8' });
    const ms = Number(run.stdout.trim());
    if (run.status !== 0 || !(ms > 0))
      throw new Error(`build-time: expected milliseconds, got: ${run.stdout} ${run.stderr}`);
    return ms;
  },
});

export const buildTime: Benchmark = {
  name: 'build-time',
  about: 'building the step of a MADDPG update (3 agents, 64-64, batch 1024), the first one in a process',
  contestants: () => [cold()],
};
