import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = readdirSync(new URL('packages', import.meta.url));
/** Tests and coverage see the sources, so that no build is needed. */
const alias = Object.fromEntries(
  packages.map((name) => [
    name === 'troupe' ? 'troupe' : `@troupe/${name}`,
    fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url)),
  ]),
);
const project = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root, include: ['test/**/*.test.ts'], exclude: ['**/*.long.test.ts'] },
});

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      ...packages
        .filter((name) => existsSync(`packages/${name}/test`))
        .map((name) => project(name, `packages/${name}`)),
      project('root', '.'),
    ],
    testTimeout: 60_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], thresholds: { lines: 90 } },
  },
});
