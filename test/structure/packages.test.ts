import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, packages, textOf } from './repository.js';

const manifestOf = (folder: string): Readonly<Record<string, unknown>> =>
  JSON.parse(textOf(`packages/${folder}/package.json`)) as Readonly<Record<string, unknown>>;

describe.each(packages.map(({ folder, path }) => [folder, path] as const))('package %s', (folder, path) => {
  it('has a README that begins with its name', () => {
    expect(existsSync(join(path, 'README.md')), `packages/${folder}/README.md`).toBe(true);
    expect(textOf(`packages/${folder}/README.md`)).toMatch(new RegExp(`^# (@troupe/)?${folder}\n`));
  });

  it('is published as the others are', () => {
    expect(manifestOf(folder)).toMatchObject({
      name: folder === 'troupe' ? 'troupe' : `@troupe/${folder}`,
      license: 'MIT',
      type: 'module',
      engines: { node: '>=20.19' },
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
      files: ['dist', 'src'],
    });
    expect(String(manifestOf(folder).description).length).toBeGreaterThan(10);
    expect(manifestOf(folder)).toHaveProperty('sideEffects');
  });

  it('lists its exports by name', () => {
    expect(textOf(`packages/${folder}/src/index.ts`)).not.toMatch(/export \*/);
    const inner = filesBelow(`packages/${folder}/src`).filter((file) => /export \* from/.test(textOf(file)));
    expect(inner).toEqual([]);
  });

  it('is built by tsc -b', () => {
    const { references } = JSON.parse(textOf('tsconfig.json')) as { references: { path: string }[] };
    expect(references.map((reference) => reference.path)).toContain(`packages/${folder}`);
  });

  it('names its files in kebab-case', () => {
    const odd = filesBelow(`packages/${folder}/src`).filter(
      (file) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(file.split('/').at(-1)!),
    );
    expect(odd).toEqual([]);
  });
});

it('all packages have one version, and depend on that version of each other', () => {
  const versions = new Set(packages.map(({ folder }) => manifestOf(folder).version));
  expect(versions.size).toBe(1);
  const [version] = versions;
  for (const { folder, manifest } of packages) {
    for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) {
      if (name.startsWith('@troupe/')) expect(wanted, `${folder} depends on ${name}`).toBe(version);
    }
  }
});
