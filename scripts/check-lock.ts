/** The lock file must name no download addresses, so that any registry will do, and must fit package.json. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.js';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
const addressed = Object.entries(lock.packages).filter(([, { resolved, link }]) => resolved !== undefined && !link);
for (const [name, { resolved }] of addressed) console.error(`package-lock.json: ${name} is resolved to ${resolved!}`);
if (addressed.length > 0) process.exitCode = 1;

// Fails where package.json has changed without the lock file, or the lock file lacks the binaries of a platform.
execFileSync('npm', ['ci', '--dry-run'], { cwd: root, stdio: 'inherit' });
