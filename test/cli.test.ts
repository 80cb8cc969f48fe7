import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
/** Programs are run as `npm start` and the other commands run them; `npm test` has built the packages before. */
const command = (program: string, args: readonly string[]) => ['--import', 'tsx', join(root, program), ...args];
const run = (program: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, command(program, args), { cwd: root, encoding: 'utf8', timeout: 60_000 });

describe('npm start', () => {
  it('explains itself', () => {
    const { status, stdout } = run('examples/start.ts', '--help');
    expect(status).toBe(0);
    for (const option of ['--seed', '--steps', '--runtime', '--help']) expect(stdout).toContain(option);
  });

  it.each([
    [['--steps', 'many'], "expected --steps to be an integer >= 1, got 'many'"],
    [['--seed', '1.5'], "expected --seed to be an integer >= 0, got '1.5'"],
    [['--runtime', 'cuda'], "expected --runtime onnx, eager or fastest, got 'cuda'"],
    [['--stepz', '5'], "Unknown option '--stepz'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('answers %j with one clear line and exit code 2', (args, message) => {
    const { status, stdout, stderr } = run('examples/start.ts', ...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  it('trains, evaluates and writes its pictures, the same way twice', () => {
    const results = [1, 2].map(() => {
      const out = mkdtempSync(join(tmpdir(), 'troupe-'));
      const { status, stdout } = run('examples/start.ts', '--steps', '12000', '--out', out);
      expect(status).toBe(0);
      expect(readdirSync(out).sort()).toEqual(['learning-curve.svg', 'learnt.safetensors', 'recording.svg']);
      expect(readFileSync(join(out, 'recording.svg'), 'utf8')).toContain('<animate');
      return /MADDPG +(-[\d.]+)/.exec(stdout)?.[1];
    });
    expect(results[0]).toMatch(/^-\d+\.\d\d$/);
    expect(results[1]).toBe(results[0]);
  });

  it('stops at Ctrl-C and keeps what was learnt', async () => {
    const out = mkdtempSync(join(tmpdir(), 'troupe-'));
    const child = spawn(process.execPath, command('examples/start.ts', ['--steps', '100000000', '--out', out]), {
      cwd: root,
    });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    while (!text.includes('scripted')) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    child.kill('SIGINT');
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect(status).toBe(0);
    expect(text).toMatch(/Stopped after \d+ of 100000000 steps/);
    expect(text).toContain('Return per agent and episode after training');
    expect(readdirSync(out)).toContain('learnt.safetensors');
  });
});

describe('npm run parity, bench, experiment', () => {
  it('parity ends with a count and fails where a file differs', () => {
    const { status, stdout } = run('scripts/parity.ts', 'test/golden/updates', '--runtime', 'onnx');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed$/);
    const wrong = run('scripts/parity.ts', 'no/such/place');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("expected a file or folder, got 'no/such/place'");
  });

  it.each(['benchmarks/run.ts', 'experiments/run.ts'])(
    '%s lists what there is and refuses what there is not',
    (program) => {
      const listed = run(program, '--list');
      expect(listed.status).toBe(0);
      expect(listed.stdout).toContain('maddpg');
      const refused = run(program, 'no-such-name');
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain("named 'no-such-name'");
    },
  );

  it('experiment ends with one line of JSON', () => {
    const { status, stdout } = run('experiments/run.ts', 'maddpg-spread', '--steps', '2000', '--seed', '3', '--json');
    expect(status).toBe(0);
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(result).toMatchObject({
      name: 'maddpg-spread',
      seed: 3,
      steps: 2000,
      returns: { agents: { episodes: 300 } },
    });
  });
});
