import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Packages whose version may change what a run computes. Those that are not installed are left out. */
const packages = [
  '@troupe/keep',
  '@troupe/core',
  '@troupe/runtime',
  '@troupe/runtime-node',
  '@troupe/networks',
  '@troupe/losses',
  '@troupe/buffers',
  '@troupe/ddpg',
  '@troupe/q-learning',
  '@troupe/trust-region',
  '@troupe/population',
  '@troupe/classic-control',
  '@troupe/particle-world',
  '@tensorflow/tfjs-core',
  'onnxruntime-node',
];

const read = (require: NodeJS.Require, name: string): string | undefined => {
  let path: string;
  try {
    path = require.resolve(`${name}/package.json`);
  } catch {
    return undefined; // not installed
  }
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version?: string }).version;
};

let known: Readonly<Record<string, string>> | undefined;

/** Versions of Node and of the packages that compute, as they are installed here. */
export const versionsHere = (): Readonly<Record<string, string>> => {
  const require = createRequire(import.meta.url);
  known ??= Object.fromEntries([
    ['node', process.version],
    ...packages.flatMap((name) => {
      const version = read(require, name);
      return version === undefined ? [] : [[name, version] as const];
    }),
  ]);
  return known;
};

/** What is installed in another version now, in words; empty if nothing is. */
export const versionsChanged = (then: Readonly<Record<string, string>>): string =>
  Object.entries(then)
    .filter(([name, version]) => versionsHere()[name] !== version)
    .map(([name, version]) => `${name} ${version}, now ${versionsHere()[name] ?? 'not found'}`)
    .join('; ');
