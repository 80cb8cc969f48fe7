/** Packs every package as it would be published and looks at the tarball: publint and are-the-types-wrong, ESM only. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packages, root, type Package } from './packages.js';

const run = promisify(execFile);
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** The name that npm gives the tarball of a package, without its version. */
const stemOf = ({ manifest }: Package): string => manifest.name.replace('@', '').replace('/', '-');

const typesOf = async (tarball: string): Promise<string[]> => {
  try {
    await run(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji']);
    return [];
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return [stdout + stderr];
  }
};

const examine = async (one: Package, tarball: string): Promise<string[]> => {
  const data = readFileSync(tarball);
  const linted = await publint({ pack: { tarball: new Uint8Array(data).buffer }, strict: true });
  const { pkg = {} } = linted as { pkg?: Record<string, unknown> };
  const messages = linted.messages.map((message) => formatMessage(message, pkg) ?? message.code);
  return [...messages, ...(await typesOf(tarball))].map((line) => `${one.manifest.name}: ${line}`);
};

const folder = mkdtempSync(join(tmpdir(), 'troupe-pack-'));
try {
  await run(
    'npm',
    ['pack', ...packages.flatMap(({ manifest }) => ['-w', manifest.name]), '--pack-destination', folder],
    {
      cwd: root,
    },
  );
  const tarballs = readdirSync(folder);
  const wrong: string[] = [];
  for (const one of packages) {
    const tarball = tarballs.find((file) => new RegExp(`^${stemOf(one)}-\\d`).test(file));
    wrong.push(
      ...(tarball === undefined ? [`${one.manifest.name}: not packed`] : await examine(one, join(folder, tarball))),
    );
  }
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(`${packages.length} packages as they should be`);
} finally {
  rmSync(folder, { recursive: true });
}
