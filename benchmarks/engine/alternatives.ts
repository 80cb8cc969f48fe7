import { loadOnnxRuntime } from '../../packages/runtime-node/src/load.js';
import { nativeSession } from '../../packages/runtime-node/src/session.js';
import { add, form, node, reduce, split, unary } from '../../packages/runtime/src/graph/emit.js';
import { createGraph, type Graph } from '../../packages/runtime/src/graph/graph.js';
import type { Value } from '../../packages/runtime/src/graph/value.js';
import { onnxModel } from '../../packages/runtime/src/onnx/model.js';

/** Other ways to write parts of a MADDPG update (3 critics, 1024 rows), each against the way in use, in turns: microseconds. */
type Input = (...shape: number[]) => Value;
type Body = (g: Graph, x: Input) => Value;
const [rows, joint, hidden] = [1024, 69, 64];

const product = (g: Graph, a: Value, b: Value, transA = 0, bias?: Value): Value =>
  node(g, 'Gemm', [a, b, ...(bias ? [bias] : [])], form('float32', [a.shape[1 - (transA ? 0 : 1)]!, b.shape[1]!]), {
    transA,
    transB: 0,
  });
const layer = (g: Graph, x: Value, w: Value, bias: Value): Value =>
  node(
    g,
    'FusedGemm',
    [x, w, bias],
    form('float32', [x.shape[0]!, w.shape[1]!]),
    { transA: 0, transB: 0, activation: 'Relu' },
    'com.microsoft',
  );
const joined = (g: Graph, parts: readonly Value[], axis: number): Value => {
  const shape = parts[0]!.shape.map((d, i) => (i === axis ? parts.reduce((n, part) => n + part.shape[axis]!, 0) : d));
  return node(g, 'Concat', parts, form('float32', shape), { axis });
};
const batched = (g: Graph, x: Value, w: Value, bias: Value): Value =>
  unary(g, 'Relu', add(g, node(g, 'MatMul', [x, w], form('float32', [3, rows, w.shape[2]!])), bias));

const cases: readonly (readonly [string, Body])[] = [
  [
    'three networks, each by itself',
    (g, x) => {
      const seen = x(rows, joint);
      const each = [0, 1, 2].map(() =>
        layer(g, layer(g, seen, x(joint, hidden), x(hidden)), x(hidden, hidden), x(hidden)),
      );
      return joined(g, each, 0);
    },
  ],
  [
    'three networks, batched products',
    (g, x) =>
      batched(
        g,
        batched(g, x(rows, joint), x(3, joint, hidden), x(3, 1, hidden)),
        x(3, hidden, hidden),
        x(3, 1, hidden),
      ),
  ],
  [
    'three networks, one first layer',
    (g, x) => {
      const first = layer(g, x(rows, joint), x(joint, 3 * hidden), x(3 * hidden));
      const each = split(g, first, [hidden, hidden, hidden], 1).map((h) => layer(g, h, x(hidden, hidden), x(hidden)));
      return joined(g, each, 0);
    },
  ],
  [
    'gradients of three first layers',
    (g, x) => {
      const seen = x(rows, joint);
      return joined(
        g,
        [0, 1, 2].map(() => product(g, seen, x(rows, hidden), 1)),
        0,
      );
    },
  ],
  [
    'the same, as one product',
    (g, x) => product(g, x(rows, joint), joined(g, [x(rows, hidden), x(rows, hidden), x(rows, hidden)], 1), 1),
  ],
  ['a first layer', (g, x) => layer(g, joined(g, [x(rows, 54), x(rows, 15)], 1), x(joint, hidden), x(hidden))],
  [
    'the same, in two products',
    (g, x) => {
      const shared = product(g, x(rows, 54), x(54, hidden));
      return unary(g, 'Relu', add(g, product(g, x(rows, 15), x(15, hidden), 0, shared), x(hidden)));
    },
  ],
];

const ort = loadOnnxRuntime();
const runs = cases.map(([name, body]) => {
  const g = createGraph({ shares: false });
  const shapes: number[][] = [];
  const result = body(g, (...shape) => g.input(`x${shapes.push(shape) - 1}`, 'float32', shape));
  const all = result.shape.map((_, i) => i);
  const program = g.finish([{ name: 'y0', value: reduce(g, 'ReduceSum', result, all, false) }]);
  const inputs = shapes.map((shape, i) => ({ name: `x${i}`, dtype: 'float32' as const, shape }));
  const session = nativeSession(
    ort,
    onnxModel(program),
    { name, inputs, outputs: [{ name: 'y0', dtype: 'float32', shape: [] }] },
    { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all', executionMode: 'sequential' },
  );
  const given = shapes.map((shape) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.random() - 0.5),
  );
  const out = [new Float32Array(1)];
  return { name, times: [] as number[], run: () => session.run(given, out, 1) };
});
for (let round = 0; round < 200; round++) {
  for (const { run, times } of runs) {
    void run();
    const began = performance.now();
    void run();
    times.push((performance.now() - began) * 1000);
  }
}
for (const { name, times } of runs) {
  times.sort((a, b) => a - b);
  console.log(`${name.padEnd(34)} median ${times[100]!.toFixed(0)} us, min ${times[0]!.toFixed(0)} us`);
}
