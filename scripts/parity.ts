/** `npm run parity -- PATH… [--runtime eager|onnx|both]`: replays recorded data of reference systems. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { judge } from '../test/parity/judge.js';

const usage = `npm run parity -- [PATH…] [--runtime eager|onnx|both]
Replays every golden JSON file (.json or .json.gz) below each PATH; without a PATH, those of test/golden.`;

const fail = (message: string): never => {
  console.error(`parity: ${message}\n${usage}`);
  process.exit(2);
};

const given = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { runtime: { type: 'string', default: 'both' }, help: { type: 'boolean', default: false } },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
})();
if (given.values.help) {
  console.log(usage);
  process.exit(0);
}
const makers: Readonly<Record<string, () => readonly Runtime[]>> = {
  eager: () => [eager()],
  onnx: () => [onnx()],
  both: () => [eager(), onnx()],
};
const runtimes = (
  makers[given.values.runtime] ?? fail(`expected --runtime eager, onnx or both, got '${given.values.runtime}'`)
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

const paths = given.positionals.length > 0 ? given.positionals : [join(import.meta.dirname, '../test/golden')];
const files = paths.flatMap((path) => {
  try {
    return filesBelow(path);
  } catch {
    return fail(`expected a file or folder, got '${path}'`);
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
