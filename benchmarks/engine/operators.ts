import { loadOnnxRuntime } from '../../packages/runtime-node/src/load.js';
import { nativeSession } from '../../packages/runtime-node/src/session.js';
import {
  add,
  form,
  mul,
  node,
  reduce,
  scalar,
  unary,
  where,
  compare,
  cast,
  reshape,
} from '../../packages/runtime/src/graph/emit.js';
import { createGraph, type Graph } from '../../packages/runtime/src/graph/graph.js';
import type { Value } from '../../packages/runtime/src/graph/value.js';
import { onnxModel } from '../../packages/runtime/src/onnx/model.js';

/**
 * What single operators cost inside a model: each is repeated on its own result; microseconds per repetition, in turns.
 * Usage: operators.ts [PART OF A NAME], with SIZE=rows,columns in the environment (1024,64).
 */
const ort = loadOnnxRuntime();
const repeat = 20;
type Body = (g: Graph, x: Value, w: (shape: readonly number[]) => Value) => Value;
const flags = (transA: number, transB: number) => ({ transA, transB });

const session = (shape: readonly number[], body: Body, level: 'all' | 'disabled') => {
  const g = createGraph({ shares: false });
  const x = g.input('x0', 'float32', shape);
  const weights: number[][] = [];
  const w = (own: readonly number[]) => g.input(`x${weights.push([...own])}`, 'float32', own);
  let y = x;
  for (let k = 0; k < repeat; k++) y = body(g, y, w);
  const program = g.finish([
    {
      name: 'y0',
      value: reduce(
        g,
        'ReduceSum',
        y,
        y.shape.map((_, i) => i),
        false,
      ),
    },
  ]);
  const ports = [shape, ...weights].map((own, i) => ({ name: `x${i}`, dtype: 'float32' as const, shape: own }));
  const made = nativeSession(
    ort,
    onnxModel(program),
    { name: 'operators', inputs: ports, outputs: [{ name: 'y0', dtype: 'float32', shape: [] }] },
    { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: level, executionMode: 'sequential' },
  );
  const inputs = ports.map(({ shape: own }) =>
    Float32Array.from({ length: own.reduce((a, b) => a * b, 1) }, () => (Math.random() - 0.5) * 0.3),
  );
  const out = [new Float32Array(1)];
  return () => made.run(inputs, out, 1);
};
const [B, H] = (process.env['SIZE'] ?? '1024,64').split(',').map(Number) as [number, number];
const cases: [string, readonly number[], Body, ('all' | 'disabled')?][] = [
  ['Relu (baseline)', [B, H], (g, x) => unary(g, 'Relu', x)],
  ['Gemm', [B, H], (g, x, w) => node(g, 'Gemm', [x, w([H, H])], form('float32', [B, H]), flags(0, 0))],
  ['Gemm transB', [B, H], (g, x, w) => node(g, 'Gemm', [x, w([H, H])], form('float32', [B, H]), flags(0, 1))],
  ['MatMul', [B, H], (g, x, w) => node(g, 'MatMul', [x, w([H, H])], form('float32', [B, H]))],
  ['Gemm + bias', [B, H], (g, x, w) => node(g, 'Gemm', [x, w([H, H]), w([H])], form('float32', [B, H]), flags(0, 0))],
  [
    'Gemm, Add',
    [B, H],
    (g, x, w) => add(g, node(g, 'Gemm', [x, w([H, H])], form('float32', [B, H]), flags(0, 0)), w([H])),
    'disabled',
  ],
  [
    'FusedGemm relu',
    [B, H],
    (g, x, w) =>
      node(
        g,
        'FusedGemm',
        [x, w([H, H]), w([H])],
        form('float32', [B, H]),
        { ...flags(0, 0), activation: 'Relu' },
        'com.microsoft',
      ),
  ],
  [
    'Gemm+bias, Relu',
    [B, H],
    (g, x, w) => unary(g, 'Relu', node(g, 'Gemm', [x, w([H, H]), w([H])], form('float32', [B, H]), flags(0, 0))),
    'disabled',
  ],
  [
    'Gemm, Add, Relu',
    [B, H],
    (g, x, w) =>
      unary(g, 'Relu', add(g, node(g, 'Gemm', [x, w([H, H])], form('float32', [B, H]), flags(0, 0)), w([H]))),
    'disabled',
  ],
  [
    'Gemm, Relu(Add) as Max',
    [B, H],
    (g, x, w) =>
      node(
        g,
        'Max',
        [add(g, node(g, 'Gemm', [x, w([H, H])], form('float32', [B, H]), flags(0, 0)), w([H])), scalar(g, 0)],
        form('float32', [B, H]),
      ),
    'disabled',
  ],
  ['Mul by self', [B, H], (g, x) => mul(g, x, x)],
  ['Mul by another', [B, H], (g, x, w) => mul(g, x, w([B, H]))],
  ['Mul by a column', [B, H], (g, x, w) => mul(g, x, w([B, 1]))],
  [
    'row squares by Mul, ReduceMean',
    [B],
    (g, x, w) => {
      const y = w([B, H]);
      return add(g, x, reduce(g, 'ReduceMean', mul(g, y, y), [1], false));
    },
  ],
  ['row squares by ReduceSumSquare', [B], (g, x, w) => add(g, x, reduce(g, 'ReduceSumSquare', w([B, H]), [1], false))],
  ['row squares by ReduceL2', [B], (g, x, w) => add(g, x, reduce(g, 'ReduceL2', w([B, H]), [1], false))],
  ['row mean', [B], (g, x, w) => add(g, x, reduce(g, 'ReduceMean', w([B, H]), [1], false))],
  [
    'row mean by Gemm',
    [B],
    (g, x, w) =>
      add(
        g,
        x,
        reshape(g, node(g, 'Gemm', [w([B, H]), g.full('float32', [H, 1], 1)], form('float32', [B, 1]), flags(0, 0)), [
          B,
        ]),
      ),
  ],
  [
    'row dots by Mul, ReduceMean',
    [B],
    (g, x, w) => add(g, x, reduce(g, 'ReduceMean', mul(g, w([B, H]), w([B, H])), [1], false)),
  ],
  [
    'row dots by MatMul',
    [B],
    (g, x, w) =>
      add(g, x, reshape(g, node(g, 'MatMul', [w([B, 1, H]), w([B, H, 1])], form('float32', [B, 1, 1])), [B])),
  ],
  ['Mul Sign', [B, H], (g, x, w) => mul(g, x, unary(g, 'Sign', w([B, H])))],
  [
    'LayerNormalization',
    [B, H],
    (g, x, w) => node(g, 'LayerNormalization', [x, w([H])], form('float32', [B, H]), { axis: -1 }),
  ],
  [
    'FusedConv relu',
    [B, H],
    (g, x, w) =>
      reshape(
        g,
        node(
          g,
          'FusedConv',
          [reshape(g, x, [1, H, B, 1]), w([H, H, 1, 1]), w([H])],
          form('float32', [1, H, B, 1]),
          { activation: 'Relu' },
          'com.microsoft',
        ),
        [B, H],
      ),
  ],
  [
    'Mul HardSigmoid',
    [B, H],
    (g, x, w) =>
      mul(
        g,
        x,
        node(g, 'HardSigmoid', [w([B, H])], form('float32', [B, H]), { alpha: { float: 3e38 }, beta: { float: 0 } }),
      ),
  ],
  [
    'Mul Clip Mul',
    [B, H],
    (g, x, w) =>
      mul(
        g,
        x,
        node(g, 'Clip', [mul(g, w([B, H]), scalar(g, 3e38)), scalar(g, 0), scalar(g, 1)], form('float32', [B, H])),
      ),
  ],
  [
    'Mul Min Mul',
    [B, H],
    (g, x, w) => mul(g, x, node(g, 'Min', [mul(g, w([B, H]), scalar(g, 3e38)), scalar(g, 1)], form('float32', [B, H]))),
  ],
  [
    'Where Greater',
    [B, H],
    (g, x, w) => where(g, compare(g, 'Greater', w([B, H]), scalar(g, 0)), x, scalar(g, 0), [B, H]),
  ],
  [
    'Mul Cast Greater',
    [B, H],
    (g, x, w) => mul(g, x, cast(g, compare(g, 'Greater', w([B, H]), scalar(g, 0)), 'float32')),
  ],
  [
    'dW Gemm transA',
    [H, H],
    (g, x, w) => add(g, x, node(g, 'Gemm', [w([B, H]), w([B, H])], form('float32', [H, H]), flags(1, 0))),
  ],
  ['row sum by ReduceSum', [H], (g, x, w) => add(g, x, reduce(g, 'ReduceSum', w([B, H]), [0], false))],
  [
    'row sum by Gemm',
    [H],
    (g, x, w) =>
      add(
        g,
        x,
        reshape(g, node(g, 'Gemm', [g.full('float32', [1, B], 1), w([B, H])], form('float32', [1, H]), flags(0, 0)), [
          H,
        ]),
      ),
  ],
  ['Reshape', [B, H], (g, x) => reshape(g, reshape(g, unary(g, 'Relu', x), [H, B]), [B, H])],
  ['Add 8705', [8705], (g, x, w) => add(g, x, w([8705]))],
  ['Mul scalar 8705', [8705], (g, x) => mul(g, x, scalar(g, 0.5))],
  ['Div 8705', [8705], (g, x, w) => node(g, 'Div', [x, w([8705])], form('float32', [8705]))],
  ['Sqrt 8705', [8705], (g, x) => unary(g, 'Sqrt', x)],
  ['Add []', [], (g, x, w) => add(g, x, w([]))],
  [
    'Gather eye',
    [B],
    (g, x) =>
      reduce(
        g,
        'ReduceSum',
        node(
          g,
          'Gather',
          [
            g.constant(
              'float32',
              [5, 5],
              Float32Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
            ),
            cast(g, unary(g, 'Abs', x), 'int32'),
          ],
          form('float32', [B, 5]),
          { axis: 0 },
        ),
        [1],
        false,
      ),
  ],
  [
    'OneHot',
    [B],
    (g, x) =>
      reduce(
        g,
        'ReduceSum',
        node(
          g,
          'OneHot',
          [
            cast(g, unary(g, 'Abs', x), 'int32'),
            g.full('int32', [], 5),
            g.constant('float32', [2], Float32Array.of(0, 1)),
          ],
          form('float32', [B, 5]),
          { axis: -1 },
        ),
        [1],
        false,
      ),
  ],
  ['(cast, sum alone)', [B], (g, x) => cast(g, cast(g, unary(g, 'Abs', x), 'int32'), 'float32')],
  [
    'log log u',
    [B, 5],
    (g, x) => unary(g, 'Neg', unary(g, 'Log', unary(g, 'Neg', unary(g, 'Log', unary(g, 'Abs', x))))),
  ],
  ['softmax', [B, 5], (g, x) => unary(g, 'Softmax', x, { axis: -1 })],
];
const only = process.argv[2];
const made = cases
  .filter(([name]) => !only || name.includes(only))
  .map(([name, shape, body, level = 'all']) => ({ name, run: session(shape, body, level), times: [] as number[] }));
for (let k = 0; k < 60; k++)
  for (const one of made) {
    const t = performance.now();
    one.run();
    one.times.push(((performance.now() - t) * 1000) / repeat);
  }
for (const { name, times } of made) {
  times.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(28)} min ${times[0]!.toFixed(1).padStart(7)}  median ${times[30]!.toFixed(1).padStart(7)} us`,
  );
}
