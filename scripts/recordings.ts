/**
 * `tsx scripts/recordings.ts`: writes the animated recordings of the particle world into docs/guide/recordings, one for
 * each scenario. The same program gives the same files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.js';
import { clips } from './recordings/recordings.js';

const folder = join(root, 'docs/guide/recordings');
mkdirSync(folder, { recursive: true });
for (const { name, svg } of clips) {
  const text = await svg();
  writeFileSync(join(folder, `${name}.svg`), text);
  console.log(`${name}.svg: ${Math.round(text.length / 1000)} kB`);
}
