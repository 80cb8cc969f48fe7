import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clips } from '../scripts/recordings/recordings.js';

const folder = join(import.meta.dirname, '../docs/guide/recordings');

describe('recordings in the guide', () => {
  it.each(clips.map((clip) => [clip.name, clip] as const))(
    '%s is what npm run recordings writes',
    async (name, { svg }) => {
      const text = await svg();
      expect(text).toContain('<animateTransform');
      expect(text.length).toBeLessThan(150_000);
      expect(readFileSync(join(folder, `${name}.svg`), 'utf8') === text, 'npm run recordings writes it').toBe(true);
    },
  );

  it('are all of them, each shown', () => {
    expect(readdirSync(folder).sort()).toEqual(clips.map(({ name }) => `${name}.svg`).sort());
    const page = readFileSync(join(folder, '../9-particle-world.md'), 'utf8');
    expect(clips.filter(({ name }) => !page.includes(`(recordings/${name}.svg)`))).toEqual([]);
  });
});
