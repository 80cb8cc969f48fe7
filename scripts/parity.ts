/** `npm run parity -- PATH… [--runtime eager|onnx|both]`: replays recorded data of reference systems. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { judge } from '../test/parity/judge.js';
import { commandLine } from './cli.js';

const usage = `npm run parity -- [PATH…] [--runtime eager|onnx|both]
Replays every golden JSON file (.json or .json.gz) below each PATH; without a PATH, those of test/golden.`;

const { values, positionals, refuse } = commandLine('parity', usage, {
  runtime: { type: 'string', default: 'both' },
});
const makers: Readonly<Record<string, () => readonly Runtime[]>> = {
  eager: () => [eager()],
  onnx: () => [onnx()],
  both: () => [eager(), onnx()],
};
const runtimes = (
  makers[values.runtime] ?? refuse(`expected --runtime eager, onnx or both, got '${values.runtime}'`)
)();

const filesBelow = (path: string): string[] => {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
    .filter((file) => /\.json(\.gz)?$/.test(file));
};
const read = (file: string): unknown => {
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
};

const paths = positionals.length > 0 ? positionals : [join(import.meta.dirname, '../test/golden')];
const files = paths.flatMap((path) => {
  try {
    return filesBelow(path);
  } catch {
    return refuse(`expected a file or folder, got '${path}'`);
  }
});
let [passed, failed] = [0, 0];
for (const file of files) {
  const name = basename(file).replace(/\.json(\.gz)?$/, '');
  for (const verdict of await judge(name, read(file), runtimes)) {
    console.log(
      `${verdict.outcome.padEnd(12)} ${name}${verdict.runtime ? ` (${verdict.runtime})` : ''}  ${verdict.detail}`,
    );
    if (verdict.outcome === 'passed') passed += 1;
    if (verdict.outcome === 'failed') failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
