import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { curveOf } from '../experiments/curve.js';
import type { ResultFile } from '../experiments/result-file.js';
import { faultsOf, fillTables } from '../scripts/results-table.js';
import { root } from './structure/repository.js';

const folder = mkdtempSync(join(tmpdir(), 'troupe-experiment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keep = join(folder, 'keep');
/** Sees the sources, as this process does, so that no build is needed. */
const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, 'test/support/tsconfig.sources.json') };
const command = (results: string, ...more: readonly string[]) => [
  ...['--import', 'tsx', join(root, 'experiments/run.ts'), 'maddpg-spread', '--steps', '8000'],
  ...['--results', join(folder, results), '--keep', keep, ...more],
];
const run = (results: string, ...more: readonly string[]) =>
  spawnSync(process.execPath, command(results, ...more), { cwd: root, encoding: 'utf8', env });
const resultIn = (results: string, seed: number): ResultFile =>
  JSON.parse(readFileSync(join(folder, results, `maddpg-spread-seed${seed}.json`), 'utf8')) as ResultFile;

describe('npm run experiment', () => {
  it('killed and resumed, ends with the same result as a run that was not', async () => {
    expect(run('whole', '--seed', '7', '--save').status).toBe(0);
    const child: ChildProcess = spawn(process.execPath, command('resumed', '--seed', '7', '--save'), {
      cwd: root,
      env,
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    const store = join(keep, 'maddpg-spread-seed7/maddpg');
    const written = () => existsSync(store) && readdirSync(store).some((name) => !name.startsWith('.'));
    while (!written() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    await closed;
    expect(child.signalCode).toBe('SIGKILL'); // before it had ended
    const other = run('resumed', '--seed', '7', '--resume', '--steps', '9000');
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('"steps":9000');
    expect(other.stderr).not.toContain('    at '); // one clear message, no stack
    const { status, stderr } = run('resumed', '--seed', '7', '--save', '--resume');
    expect(stderr).toMatch(/maddpg: goes on from step \d+/);
    expect(status).toBe(0);
    const [whole, resumed] = [resultIn('whole', 7), resultIn('resumed', 7)];
    expect({ ...resumed, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
    expect(whole.command).toBe('npm run experiment -- maddpg-spread --seed 7 --steps 8000 --save');
    expect(readdirSync(keep)).toEqual([]); // nothing is kept of a run that has ended
  });

  it('does the seeds that are not finished', () => {
    const skipped = run('whole', '--seeds', '7');
    expect(skipped.status).toBe(0);
    expect(skipped.stderr).toContain('seed 7: finished before, skipped');
    expect(skipped.stdout).toBe('');
    const file = join(folder, 'whole', 'maddpg-spread-seed7.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('--steps 8000', '--steps 9000'));
    expect(run('whole', '--seeds', '7').stdout).toContain('seed 7, 8000 steps');
    expect(resultIn('whole', 7)).toMatchObject({ ...resultIn('resumed', 7), seconds: expect.any(Number) as number });
  });

  it('refuses --seed together with --seeds', () => {
    const { status, stderr } = run('whole', '--seed', '1', '--seeds', '1,2');
    expect(status).toBe(2);
    expect(stderr).toContain('expected --seed or --seeds, got both');
  });
});

describe('the curve of a run', () => {
  const noted = (curve: ReturnType<typeof curveOf>, from: number, to: number) => {
    for (let steps = from; steps <= to; steps += 10) curve.note(steps, { return: steps, kl: steps > 250 ? 1 : NaN });
    return curve;
  };

  it('is of means over thirty parts, without what was not measured', () => {
    const points = noted(curveOf(300), 5, 300).points();
    expect(points).toHaveLength(30);
    expect(points[0]).toEqual({ steps: 10, return: 5 });
    expect(points[29]).toEqual({ steps: 300, return: 295, kl: 1 });
    expect(noted(curveOf(600), 10, 600).points()[0]).toEqual({ steps: 20, return: 15 });
  });

  it('goes on from numbers by name, in the middle of a part', () => {
    const half = noted(curveOf(600), 10, 310);
    const rest = curveOf(600);
    rest.load({ seconds: 3, ...half.save() });
    expect(noted(rest, 320, 600).points()).toEqual(noted(curveOf(600), 10, 600).points());
  });
});

describe('tables of results', () => {
  const result = (seed: number, mean: number): ResultFile => ({
    name: 'chase',
    seed,
    steps: 5000,
    returns: { hunters: { mean, low: mean - 1, high: mean + 1, episodes: 300 } },
    seconds: 1,
    runtime: 'onnx-node',
    command: `npm run experiment -- chase --seed ${seed} --steps 5000 --save`,
  });
  const page = 'before\n<!-- results: chase -->\nold\n<!-- /results -->\nafter';

  it('state the mean over seeds with its interval, and every seed', () => {
    const filled = fillTables(page, [result(1, -3), result(0, 1), result(2, 8)]);
    expect(filled).toContain('|  | mean | 95 % interval | seed 0 | seed 1 | seed 2 |');
    expect(filled).toContain('| hunters | 2.00 | −3.00 to 8.00 | 1.00 | −3.00 | 8.00 |');
    expect(filled).toMatch(
      /^before\n<!-- results: chase -->\n[^]*5,000 environment steps, 3 seeds[^]*<!-- \/results -->\nafter$/,
    );
    expect(filled).not.toContain('old');
    expect(fillTables(filled, [result(1, -3), result(0, 1), result(2, 8)])).toBe(filled);
  });

  it('give no interval for one seed, and say where there is nothing', () => {
    expect(fillTables(page, [result(0, 1)])).toContain('| hunters | 1.00 | (one seed) | 1.00 |');
    expect(fillTables(page, [])).toContain('No results of `chase` yet.');
  });

  it('state some of the seeds where the page says which', () => {
    const some = page.replace('chase', 'chase seeds 1-2');
    const filled = fillTables(`${some}\n${page}`, [result(0, 1), result(1, -3), result(2, 8), result(10, 5)]);
    expect(filled).toContain('|  | mean | 95 % interval | seed 1 | seed 2 |');
    expect(filled).toContain('| hunters | 2.50 | −3.00 to 8.00 | −3.00 | 8.00 |');
    expect(filled).toContain('| hunters | 2.75 |'); // the other table has all four
    expect(filled).toContain('<!-- results: chase seeds 1-2 -->');
  });

  it('do not mix runs of different lengths', () => {
    expect(() => fillTables(page, [result(0, 1), { ...result(1, 2), steps: 9 }])).toThrow('seed 1 has 9');
  });

  it('find files whose experiment, command or name is not what it was', () => {
    expect(faultsOf('chase-seed0.json', result(0, 1), ['chase'])).toEqual([]);
    expect(faultsOf('chase-seed0.json', result(0, 1), ['flee'])).toEqual(["there is no experiment 'chase'"]);
    expect(faultsOf('chase-seed1.json', result(0, 1), ['chase'])).toEqual(['its name should be chase-seed0.json']);
    const other = { ...result(0, 1), command: 'npm run old' };
    expect(faultsOf('chase-seed0.json', other, ['chase'])[0]).toContain("not 'npm run old'");
  });
});
