/**
 * `keep-memory KIND FOLDER`: saves 512 MB of arrays, plain or streamed, and prints how far memory rose above what was
 * there before, as a share of them.
 */
import { folderStore, save, type Streamed } from '@troupe/keep';

const [kind, folder] = process.argv.slice(2);
const BYTES = 2 ** 29;
const COLUMNS = 8;
const columns = Array.from({ length: COLUMNS }, (_, c) => new Float32Array(BYTES / COLUMNS / 4).fill(c + 1));
const streamed = (column: Float32Array): Streamed => ({
  kind: 'Float32Array',
  shape: [column.length],
  *pieces() {
    const piece = new Float32Array(2 ** 16);
    for (let at = 0; at < column.length; at += piece.length) {
      piece.set(column.subarray(at, at + piece.length));
      yield piece;
    }
  },
});
const state = { columns: kind === 'streamed' ? columns.map(streamed) : columns };
// Kilobytes; everything above is touched by now.
const before = process.resourceUsage().maxRSS;
const began = performance.now();
await save(folderStore(folder!), 'one', state);
const risen = ((process.resourceUsage().maxRSS - before) * 1024) / BYTES;
console.log(JSON.stringify({ risen, seconds: (performance.now() - began) / 1000 }));
