/**
 * A stranger's project: the packages are packed as they would be published, installed into an empty folder with npm, and
 * a project that knows nothing of this repository is compiled and run there.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packages, root } from './structure/repository.js';

const folder = mkdtempSync(join(tmpdir(), 'troupe-outsider-'));
const project = join(folder, 'project');
/** Milliseconds for hooks, which install. */
const PATIENCE = 1_800_000;
afterAll(() => rm(folder, { recursive: true, force: true }), PATIENCE);

/** What npm, when it runs this test, tells its scripts about this repository; a stranger has only what reaches the packages. */
const reaching = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|(https?_?|no)?_?proxy)$/i;
const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => (!/^npm_/i.test(name) || reaching.test(name)) && !/^(NODE_ENV|NODE_OPTIONS|VITEST.*)$/.test(name),
    ),
  ),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}
const run = (cwd: string, command: string, ...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const [out, err]: [string[], string[]] = [[], []];
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.on('error', reject).on('close', (status) => resolve({ status, out: out.join(''), err: err.join('') }));
  });
/** Whatever a command said goes into the message if it failed. */
const succeed = async (running: Promise<Ran>): Promise<Ran> => {
  const ran = await running;
  expect(ran.status, `${ran.out}\n${ran.err}`).toBe(0);
  return ran;
};
/** Complaints about how this machine's npm is set up are not about us. */
const warningsOf = ({ err }: Ran): string[] =>
  err
    .split('\n')
    .filter((line) => /^npm (warn|error)/i.test(line) && !/Unknown (user|env|global|cli) config/.test(line));

const compile = (...args: readonly string[]): Promise<Ran> =>
  run(project, process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'), '--pretty', 'false', ...args);
const node = (file: string): Promise<Ran> => run(project, process.execPath, file);

const source = (file: string): string => readFileSync(join(import.meta.dirname, 'outsider/project/src', file), 'utf8');

let installed: Ran | undefined;
let installLine = '';

beforeAll(async () => {
  await succeed(run(root, process.execPath, 'node_modules/typescript/bin/tsc', '-b'));
  cpSync(join(import.meta.dirname, 'outsider/project'), project, { recursive: true });
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const all = packages.flatMap(({ folder: name }) => ['-w', `packages/${name}`]);
  await succeed(run(root, 'npm', 'pack', '--pack-destination', tarballs, ...all));
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  expect(files).toHaveLength(packages.length);
  installed = await run(project, 'npm', 'install', ...files);
}, PATIENCE);

describe('without onnxruntime-node', () => {
  it('everything installs, without a word about peers, scripts or versions', async () => {
    expect(installed?.status, installed?.err).toBe(0);
    expect(warningsOf(installed!)).toEqual([]);
    await succeed(run(project, 'npm', 'ls', '--all'));
    expect(readdirSync(join(project, 'node_modules'))).not.toContain('onnxruntime-node');
  });

  it('the project compiles under strict settings, declarations of its own included', async () => {
    expect((await succeed(compile())).out).toBe('');
  });

  it('fastestRuntime() says why it falls back, and onnx() throws what has to be installed', async () => {
    const { out, err } = await succeed(node('dist/without-onnx.js'));
    expect(err).toContain('onnx() does not start here, so eager() is used');
    expect(err).toContain('onnxruntime-node is not installed');
    installLine = /^ *(\S.*npm install .*)$/m.exec(out)?.[1] ?? '';
    expect(installLine).toMatch(/^ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@\d+\.\d+\.\d+$/);
  });
});

describe('with onnxruntime-node, installed by the line in the message', () => {
  beforeAll(async () => {
    await succeed(run(project, 'sh', '-c', installLine));
    await succeed(run(project, 'npm', 'ls', '--all'));
  }, PATIENCE);

  it('a project with its own environment, critic, buffer and policy learns', async () => {
    expect(source('pursuit.ts').trimEnd().split('\n').length).toBeLessThan(40);
    const { out, err } = await succeed(node('dist/main.js'));
    expect(err).toBe('');
    const result = JSON.parse(out) as Record<'runtime' | 'updates' | 'episodes' | 'rounds', unknown>;
    expect(result).toMatchObject({ runtime: 'onnx-node', updates: 876, episodes: 400, rounds: 10 });
  });

  it('every learner learns', async () => {
    const { out, err } = await succeed(node('dist/learners.js'));
    expect(err).toBe('');
    const updates = Object.values(JSON.parse(out) as Readonly<Record<string, number>>);
    expect(updates.length).toBeGreaterThan(1);
    // 200 steps. By rows: 16 before the first update, then one in ten. By rollouts of 4 environments, 10 or 5 steps long.
    expect([...new Set(updates)].sort((a, b) => a - b)).toEqual([5, 10, 19]);
  });

  it('CommonJS imports the packages, in JavaScript and in TypeScript', async () => {
    expect((await succeed(node('plain.cjs'))).out).toMatch(/^CommonJS: \d+ numbers\n$/);
    expect((await succeed(node('dist/common.cjs'))).out).toBe('from CommonJS: 0 updates, object\n');
  });

  it('our declarations have no errors of their own, where those of others are not looked at', async () => {
    const { out } = await compile('--noEmit', '--skipLibCheck', 'false');
    const ours = out.split('\n').filter((line) => /^(src|node_modules[/\\](@troupe|troupe))[/\\]/.test(line));
    expect(ours).toEqual([]);
  });
});

it('every package declares what its files import, types included', () => {
  const missing = packages.flatMap(({ manifest }) => {
    const at = join(project, 'node_modules', manifest.name);
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(
      readFileSync(join(at, 'package.json'), 'utf8'),
    ) as typeof manifest;
    const declared = new Set([manifest.name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
    const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^dist[/\\].*\.(js|d\.ts)$/.test(file),
    );
    expect(files.length).toBeGreaterThan(0);
    return files.flatMap((file) =>
      [...readFileSync(join(at, file), 'utf8').matchAll(/(?:from|import\(|import) ?['"]((?:@[\w-]+\/)?[\w-]+)/g)]
        .map(([, name]) => name!)
        .filter(
          (name) => name !== 'node' && (!declared.has(name) || (name === 'ndarray' && !declared.has('@types/ndarray'))),
        )
        .map((name) => `${manifest.name}: ${file} imports ${name}`),
    );
  });
  expect(missing).toEqual([]);
});

describe('wrong programs', () => {
  const lines = source('refused.ts').split('\n');
  const programs = lines.flatMap((line, i) => {
    const [, why, reason] = /@ts-expect-error (.*`(.+)`)$/.exec(line) ?? [];
    return why === undefined ? [] : [{ line: i + 2, why, reason: reason! }];
  });
  const messages = new Map<number, string>();

  beforeAll(async () => {
    // Without the directives, line by line the same: now the compiler tells what it has against each.
    writeFileSync(join(project, 'src/refused.ts'), lines.join('\n').replaceAll('@ts-expect-error', ''));
    const { out } = await compile('--noEmit');
    for (const message of out.split(/^(?=src)/m)) {
      const at = /^src[/\\]refused\.ts\((\d+),/.exec(message)?.[1];
      if (at !== undefined) messages.set(Number(at), message);
    }
  }, PATIENCE);

  it('are many, and all of them are refused', () => {
    expect(programs).toHaveLength(lines.filter((line) => line.includes('@ts-expect-error')).length);
    expect(programs.length).toBeGreaterThan(20);
    expect([...messages.keys()]).toEqual(programs.map(({ line }) => line));
  });

  it.each(programs.map((program) => [program.why, program] as const))('%s', (_why, { line, reason }) => {
    expect(messages.get(line)).toContain(reason);
  });
});
