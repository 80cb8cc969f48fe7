import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../examples');
const short: string[] = [];
afterAll(() => short.forEach((file) => rmSync(file, { force: true })));

/** `start.ts` is a command and is tested as one. */
const examples = readdirSync(folder).filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'start.ts');

describe('examples', () => {
  it.each(examples)('%s runs, with few steps', async (name) => {
    const source = readFileSync(join(folder, name), 'utf8');
    const cut = source.replace(/^const STEPS = ([\d_]+);$/m, (_, steps: string) =>
      steps.includes('_') ? 'const STEPS = 3000;' : 'const STEPS = 20;',
    );
    expect(cut).not.toBe(source);
    const file = join(folder, `.${name}`);
    short.push(file);
    writeFileSync(file, cut);
    const lines: string[] = [];
    const log = console.log;
    console.log = (...parts: unknown[]) => void lines.push(parts.join(' '));
    try {
      await import(file);
    } finally {
      console.log = log;
    }
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toMatch(/NaN|undefined/);
  });
});
