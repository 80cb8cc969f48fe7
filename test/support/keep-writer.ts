/** `keep-writer FOLDER SIZE`: goes on from the newest checkpoint and writes one after another until it is killed. */
import type { Snapshot } from '@troupe/core';
import { folderStore, keeper, newest } from '@troupe/keep';

const store = folderStore(process.argv[2]!);
const size = Number(process.argv[3]);
const from = await newest(store);
const keep = keeper(store, { last: 2, best: 'score', every: 50 });
process.stdout.write('ready\n');
for (let steps = (from?.steps ?? 0) + 1; ; steps++) {
  const snapshot: Snapshot<{ w: Float32Array; also: Int32Array }> = {
    state: { w: new Float32Array(size).fill(steps), also: new Int32Array(7).fill(steps) },
    steps,
    updates: steps,
    metrics: { score: (steps * 7919) % 101 },
    rng: {},
    buffer: undefined,
    policies: {},
    running: { lengths: [], returns: {} },
  };
  await keep.save(snapshot);
  process.stdout.write(`${steps}\n`);
}
