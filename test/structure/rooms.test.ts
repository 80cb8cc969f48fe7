import { describe, expect, it } from 'vitest';
import { importsOfPackage, packageNameOf, packages, textOf, type Package } from './repository.js';

/** What everything may stand on. */
const base = ['core', 'runtime', 'networks', 'losses', 'buffers'];

/**
 * Which packages a package may import: environments the core alone, algorithms what everything stands on, and neither an
 * algorithm nor a particular runtime. A new package is entered here.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  core: ['runtime'],
  networks: base,
  losses: base,
  buffers: base,
  'runtime-node': ['runtime'],
  'runtime-web': ['runtime'],
  'classic-control': ['core'],
  'particle-world': ['core'],
  arena: ['core'],
  bodies: ['core'],
  'q-learning': base,
  ddpg: base,
  sac: base,
  'trust-region': base,
  evolution: base,
  relations: base,
  rarl: [...base, 'trust-region'],
  'latent-skill': [...base, 'ddpg', 'relations'],
  keep: base,
  parallel: ['core'],
  report: base,
  population: base,
  export: base,
};

const folderOf = (name: string): string => name.replace('@troupe/', '');
const isOurs = (name: string): boolean => name.startsWith('@troupe/') || name === 'troupe';
const importedBy = (one: Package): string[] =>
  [...new Set(importsOfPackage(one).map(({ from }) => packageNameOf(from)))].filter(isOurs).map(folderOf).sort();

describe.each(packages.map((one) => [one.folder, one] as const))('package %s', (folder, one) => {
  it('imports only rooms below it', () => {
    const below = folder === 'troupe' ? packages.map((other) => other.folder) : allowed[folder];
    expect(below, `test/structure/rooms.test.ts does not know '${folder}' yet`).toBeDefined();
    expect(importedBy(one).filter((name) => !below!.includes(name))).toEqual([]);
  });

  it('depends on the packages that it imports, and on no other of ours', () => {
    const { dependencies = {}, peerDependencies = {} } = one.manifest;
    const depends = Object.keys({ ...dependencies, ...peerDependencies })
      .filter(isOurs)
      .map(folderOf)
      .sort();
    expect(depends).toEqual(importedBy(one));
  });

  it('has a TypeScript reference for every package that it depends on', () => {
    const { references = [] } = JSON.parse(textOf(`packages/${folder}/tsconfig.json`)) as {
      references?: { path: string }[];
    };
    expect(references.map(({ path }) => path.replace('../', '')).sort()).toEqual(importedBy(one));
  });

  it('declares everything else that it imports', () => {
    const { dependencies = {}, peerDependencies = {} } = one.manifest;
    const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
    const missing = importsOfPackage(one).filter(
      ({ from }) => !/^(node:|\.)/.test(from) && !declared.has(packageNameOf(from)),
    );
    expect(missing).toEqual([]);
  });

  it('uses what Node alone has only if it is made for Node', () => {
    if (['runtime-node', 'keep', 'parallel'].includes(folder)) return;
    expect(importsOfPackage(one).filter(({ from, typeOnly }) => from.startsWith('node:') && !typeOnly)).toEqual([]);
  });
});

it('the core knows of the runtime its types only', () => {
  const core = packages.find(({ folder }) => folder === 'core')!;
  const values = importsOfPackage(core).filter(({ from, typeOnly }) => from === '@troupe/runtime' && !typeOnly);
  expect(values).toEqual([]);
});
