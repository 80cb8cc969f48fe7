import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ndarray from 'ndarray';
import { expect, it } from 'vitest';
import { folderStore, save } from '../src/index.js';
import { newFolder } from './folders.js';

/** The safetensors format in a few lines of Python's standard library, and the checksums by another program. */
const reader = `
import array, hashlib, json, struct, sys
folder = sys.argv[1]
run = open(folder + '/run.json', 'rb').read()
first, rest = run.split(b'\\n', 1)
document = json.loads(run)
assert hashlib.sha256(rest).hexdigest() == document['sha256'], 'run.json'
data = open(folder + '/state.safetensors', 'rb').read()
assert hashlib.sha256(data).hexdigest() == document['tensors']['sha256'], 'state.safetensors'
(size,) = struct.unpack('<Q', data[:8])
codes = {'F32': 'f', 'F64': 'd', 'I32': 'i', 'U8': 'B', 'I64': 'q'}
found = {}
for name, about in json.loads(data[8:8 + size]).items():
    if name == '__metadata__': continue
    begin, end = (8 + size + offset for offset in about['data_offsets'])
    values = array.array(codes[about['dtype']], data[begin:end])
    assert begin % values.itemsize == 0, 'alignment'
    found[name] = [about['dtype'], about['shape'], list(values)]
print(json.dumps(found))
`;

it('Python reads the tensors, their shapes and names, and agrees about the checksums', async (context) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    context.skip('there is no python3 here to read the file with');
    return;
  }
  const folder = newFolder();
  await save(folderStore(folder), 'one', {
    state: { 'actor.w': ndarray(Float32Array.of(1.5, -2, 3, 4, 5, 6), [2, 3]), bytes: Uint8Array.of(1, 2, 255) },
    buffer: { columns: [{ path: ['reward'], shape: [2, 2], data: Int32Array.of(-1, 2, 3, 4) }] },
    times: Float64Array.of(0.1),
    long: BigInt64Array.of(-5n),
    empty: new Float32Array(0),
  });
  const { status, stdout, stderr } = spawnSync('python3', ['-c', reader, join(folder, 'one')], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    'state.actor\\.w.data': ['F32', [2, 3], [1.5, -2, 3, 4, 5, 6]],
    'state.bytes': ['U8', [3], [1, 2, 255]],
    'buffer.columns.0.data': ['I32', [2, 2], [-1, 2, 3, 4]],
    times: ['F64', [1], [0.1]],
    long: ['I64', [1], [-5]],
    empty: ['F32', [0], []],
  });
});
