import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import base from './vitest.config.js';

/** What takes minutes: kernel sweeps, fuzzing, learning, memory. The same projects as `npm test`, other files. */
const projects = (base.test!.projects as TestProjectInlineConfiguration[]).map((project) => ({
  ...project,
  test: { ...project.test, include: ['test/**/*.long.test.ts'], exclude: ['**/node_modules/**'] },
}));

export default defineConfig({ ...base, test: { ...base.test, projects, testTimeout: 1_800_000 } });
