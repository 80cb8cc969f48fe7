/** `resume-worker FOLDER`: goes on with every run of which FOLDER/NUMBER/half holds a checkpoint, and keeps the end. */
import { join } from 'node:path';
import { folderStore, load, save } from '@troupe/keep';
import { entries, play } from './learners.js';

const folder = process.argv[2]!;
for (const [k, entry] of Object.values(entries).entries()) {
  const store = folderStore(join(folder, String(k)));
  const { snapshot } = await play(entry, (await load(store, 'half')).state);
  await save(store, 'resumed', snapshot);
}
process.exit(0);
