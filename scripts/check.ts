/**
 * Everything that can be checked without running the library.
 *
 *   npm run check                 all checks
 *   npm run check -- lint docs    these only
 */
import { spawnSync } from 'node:child_process';
import { root } from './packages.js';

/** Commands of the local binaries, one list of arguments each. Later checks read what the first one builds. */
const checks: Readonly<Record<string, readonly (readonly [command: string, ...args: string[]])[]>> = {
  types: [
    ['tsc', '-b'],
    ['tsc', '-p', 'tsconfig.tools.json'],
  ],
  lint: [['eslint', '.']],
  format: [['prettier', '--check', '--log-level', 'warn', '.']],
  api: [['tsx', 'scripts/api.ts', '--check']],
  settings: [['tsx', 'scripts/settings.ts', '--check']],
  results: [['tsx', 'scripts/results.ts', '--check']],
  docs: [['typedoc', '--logLevel', 'Warn']],
  packages: [['tsx', 'scripts/check-packages.ts']],
  lock: [['tsx', 'scripts/check-lock.ts']],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`check: expected some of ${Object.keys(checks).join(', ')}, got ${unknown.join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
for (const [name, commands] of Object.entries(checks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const began = performance.now();
  for (const [command, ...args] of commands) {
    const { status, stdout, stderr } = spawnSync('npx', ['--no-install', command, ...args], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status === 0) continue;
    console.log(`${[command, ...args].join(' ')}\n${stdout}${stderr}`);
    if (!failed.includes(name)) failed.push(name);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${failed.includes(name) ? 'FAILED' : 'ok    '} ${name.padEnd(8)} ${seconds.padStart(6)} s`);
}
if (failed.length > 0) {
  console.log(`check: failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
