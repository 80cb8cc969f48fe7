import { describe, expect, it } from 'vitest';
import {
  add,
  binary,
  cast,
  compare,
  concat,
  expand,
  form,
  matmul,
  mul,
  node,
  reduce,
  reshape,
  scalar,
  slice,
  split,
  sub,
  transpose,
  unary,
} from '../src/graph/emit.js';
import { createGraph, type Graph, type Rule } from '../src/graph/graph.js';
import type { Program, Value } from '../src/graph/value.js';
import * as shapes from '../src/passes/collapse-shapes.js';
import * as constants from '../src/passes/fold-constants.js';
import * as fast from '../src/passes/fast-forms.js';
import * as gemm from '../src/passes/gemm.js';
import * as joins from '../src/passes/join-parts.js';
import { commonSubexpressions, deadCode, optimise, simplify } from '../src/passes/index.js';
import { joinTwins } from '../src/passes/join-twins.js';
import { reluMask } from '../src/passes/relu-mask.js';
import * as sinking from '../src/passes/sink-reshapes.js';
import * as splits from '../src/passes/splits.js';
import { turnedOnce } from '../src/passes/turned-once.js';
import { expectSameResults, itRewrites, ops, optimised, programOf } from './support/rewrites.js';
import { sinkExpands, stripExpands, stripScalarReshapes } from '../src/passes/strip-expands.js';

describe('each rewrite', () => {
  itRewrites([
    [
      'constant folding',
      constants.foldConstants,
      (g, x) => mul(g, x(3), binary(g, 'Div', scalar(g, 1), scalar(g, 4))),
      'Div Mul',
      'Mul',
    ],
    [
      'x·1 + 0',
      constants.simplifyArithmetic,
      (g, x) => add(g, mul(g, x(3), scalar(g, 1)), scalar(g, 0)),
      'Mul Add',
      '',
    ],
    ['a + (−b)', constants.simplifyArithmetic, (g, x) => add(g, x(3), unary(g, 'Neg', x(3))), 'Neg Add', 'Sub'],
    [
      '(x·c)·d',
      constants.simplifyArithmetic,
      (g, x) => mul(g, mul(g, x(3), scalar(g, 2)), scalar(g, 3)),
      'Mul Mul',
      'Mul',
    ],
    [
      '(x·c)·d that would vanish',
      constants.simplifyArithmetic,
      (g, x) => mul(g, mul(g, x(3), scalar(g, 1e-30)), scalar(g, 1e-30)),
      'Mul Mul',
      'Mul Mul',
    ],
    ['x/4', constants.divideByPowers, (g, x) => binary(g, 'Div', x(3), scalar(g, 4)), 'Div', 'Mul'],
    ['x/3 stays', constants.divideByPowers, (g, x) => binary(g, 'Div', x(3), scalar(g, 3)), 'Div', 'Div'],
    [
      'casts of bools',
      constants.foldCasts,
      (g, x) => cast(g, cast(g, compare(g, 'Less', x(3), x(3)), 'int32'), 'float32'),
      'Less Cast Cast',
      'Less Cast',
    ],
    [
      'reshapes of reshapes',
      shapes.collapseReshapes,
      (g, x) => reshape(g, reshape(g, x(6), [2, 3]), [6]),
      'Reshape Reshape',
      '',
    ],
    [
      'reshapes of one number',
      shapes.collapseReshapes,
      (g, x) => reshape(g, expand(g, x(1, 1), [2, 3]), [6]),
      'Expand Reshape',
      'Reshape Expand',
    ],
    [
      'expands of expands',
      shapes.collapseExpands,
      (g, x) => expand(g, expand(g, x(1, 3), [2, 3]), [5, 2, 3]),
      'Expand Expand',
      'Expand',
    ],
    [
      'transposes of transposes',
      shapes.collapseTransposes,
      (g, x) => transpose(g, transpose(g, x(2, 3), [1, 0]), [1, 0]),
      'Transpose Transpose',
      '',
    ],
    [
      'transposes of vectors',
      shapes.collapseTransposes,
      (g, x) => transpose(g, x(3, 1), [1, 0]),
      'Transpose',
      'Reshape',
    ],
    [
      'slices of constants',
      shapes.collapseSlices,
      (g, x) => add(g, x(2), slice(g, g.full('float32', [5], 2), [1], [2])),
      'Slice Add',
      'Add',
    ],
    [
      'reductions over extent 1',
      shapes.squeezeReductions,
      (g, x) => reduce(g, 'ReduceSum', x(1, 5), [0], false),
      'ReduceSum',
      'Reshape',
    ],
    [
      'reductions over neighbours',
      shapes.squeezeReductions,
      (g, x) => reduce(g, 'ReduceSum', x(2, 5), [0, 1], true),
      'ReduceSum',
      'Reshape ReduceSum Reshape',
    ],
    [
      'expands before operators that spread',
      stripExpands,
      (g, x) => add(g, x(2, 3), expand(g, x(3), [2, 3])),
      'Expand Add',
      'Add',
    ],
    [
      'never both expands',
      stripExpands,
      (g, x) => add(g, expand(g, x(2, 1), [2, 3]), expand(g, x(3), [2, 3])),
      'Expand Expand Add',
      'Expand Add',
    ],
    ['single numbers', stripScalarReshapes, (g, x) => mul(g, x(5), reshape(g, x(), [1])), 'Reshape Mul', 'Mul'],
    [
      'single numbers of too many axes',
      stripScalarReshapes,
      (g, x) => mul(g, x(5), reshape(g, x(1, 1), [])),
      'Reshape Mul',
      'Reshape Mul',
    ],
    [
      'operators on spread numbers',
      sinkExpands,
      (g, x) => mul(g, expand(g, x(1), [5]), scalar(g, 3)),
      'Expand Mul',
      'Mul Expand',
    ],
    [
      'reshapes sink',
      sinking.sinkReshapes,
      (g, x) => unary(g, 'Relu', reshape(g, x(6), [2, 3])),
      'Reshape Relu',
      'Relu Reshape',
    ],
    [
      'leading axes of extent 1',
      sinking.dropLeadingAxes,
      (g, x) => add(g, reshape(g, x(4, 3), [1, 4, 3]), reshape(g, x(3), [1, 1, 3])),
      'Reshape Reshape Add',
      'Reshape Reshape Reshape Reshape Add Reshape',
    ],
    [
      'transposes into Gemm',
      gemm.gemmTranspose,
      (g, x) => matmul(g, transpose(g, x(4, 3), [1, 0]), transpose(g, x(5, 4), [1, 0])),
      'Transpose Transpose Gemm',
      'Gemm',
    ],
    ['bias into Gemm', gemm.gemmBias, (g, x) => add(g, matmul(g, x(3, 4), x(4, 5)), x(5)), 'Gemm Add', 'Gemm'],
    [
      'sums of products, bias included',
      gemm.gemmBias,
      (g, x) => add(g, add(g, matmul(g, x(2, 3), x(3, 4)), matmul(g, x(2, 3), x(3, 4))), x(4)),
      'Gemm Gemm Add Add',
      'Gemm Gemm',
    ],
    [
      'not where the product is read twice',
      gemm.gemmBias,
      (g, x) => {
        const p = matmul(g, x(3, 4), x(4, 5));
        return [add(g, p, x(5)), unary(g, 'Relu', p)];
      },
      'Gemm Add Relu',
      'Gemm Add Relu',
    ],
    [
      'not where the bias goes down the rows',
      gemm.gemmBias,
      (g, x) => add(g, matmul(g, x(5, 4), x(4, 5)), x(5, 1)),
      'Gemm Add',
      'Gemm Add',
    ],
    [
      'columns of Gemm',
      gemm.sliceOfGemm,
      (g, x) => slice(g, matmul(g, x(3, 4), x(4, 5)), [0, 1], [3, 2]),
      'Gemm Slice',
      'Slice Gemm',
    ],
    [
      'sums over rows',
      gemm.sumByGemm,
      (g, x) => reduce(g, 'ReduceSum', x(9, 4), [0], false),
      'ReduceSum',
      'Gemm Reshape',
    ],
    [
      'relu masks',
      reluMask,
      (g, x) => {
        const z = x(9);
        return [unary(g, 'Relu', z), cast(g, compare(g, 'Greater', z, scalar(g, 0)), 'float32')];
      },
      'Relu Greater Cast',
      'Relu HardSigmoid',
    ],
    [
      'masks of what is no relu',
      reluMask,
      (g, x) => cast(g, compare(g, 'Greater', x(9), scalar(g, 0)), 'float32'),
      'Greater Cast',
      'Greater Cast',
    ],
    ['parts joined again', joins.joinParts, (g, x) => concat(g, split(g, x(2, 6), [2, 4], 1), 1), 'Split Concat', ''],
    [
      'rows of agents',
      joins.joinParts,
      (g, x) =>
        concat(
          g,
          split(g, x(2, 3, 4), [1, 1, 1], 1).map((part) => reshape(g, part, [2, 4])),
          1,
        ),
      'Split Reshape Reshape Reshape Concat',
      'Reshape',
    ],
    [
      'parts in another order stay',
      joins.joinParts,
      (g, x) => concat(g, split(g, x(2, 6), [2, 4], 1).toReversed(), 1),
      'Split Concat',
      'Split Concat',
    ],
    [
      'joins of joins',
      joins.flattenConcats,
      (g, x) => concat(g, [reshape(g, concat(g, [x(1, 3), x(2, 3)], 0), [9]), x(2)], 0),
      'Concat Reshape Concat',
      'Reshape Reshape Concat',
    ],
    [
      'splits of joins',
      joins.splitJoins,
      (g, x) => split(g, reshape(g, concat(g, [x(1, 9, 2), x(1, 9, 3)], 2), [9, 5]), [2, 3], 1),
      'Concat Reshape Split',
      'Reshape Reshape',
    ],
    [
      'splits of what was worked out from joins',
      joins.splitJoins,
      (g, x) => split(g, add(g, concat(g, [x(9, 2), x(9, 3)], 1), concat(g, [x(9, 2), x(9, 3)], 1)), [2, 3], 1),
      'Concat Concat Add Split',
      'Add Add',
    ],
    [
      'splits at other places stay',
      joins.splitJoins,
      (g, x) => split(g, concat(g, [x(9, 2), x(9, 3)], 1), [3, 2], 1),
      'Concat Split',
      'Concat Split',
    ],
    [
      'columns beside single numbers',
      fast.columnsAsVectors,
      (g, x) => compare(g, 'LessOrEqual', x(90, 1), x(1)),
      'LessOrEqual',
      'Reshape Reshape LessOrEqual Reshape',
    ],
    ['short columns stay', fast.columnsAsVectors, (g, x) => mul(g, x(9, 1), scalar(g, 2)), 'Mul', 'Mul'],
    ['narrow rows, a number each', fast.narrowRows, (g, x) => mul(g, x(90, 1), x(90, 3)), 'Mul', 'Concat Mul'],
    ['narrow rows, one for all', fast.narrowRows, (g, x) => mul(g, x(90, 3), x(3)), 'Mul', 'Reshape Gemm Mul'],
    ['wide rows stay', fast.narrowRows, (g, x) => mul(g, x(90, 1), x(90, 30)), 'Mul', 'Mul'],
    [
      'thin products',
      fast.thinProducts,
      (g, x) => matmul(g, x(90, 30), x(90, 3), true),
      'Gemm',
      'FusedMatMul Transpose',
    ],
    [
      'reductions whose axes come back',
      shapes.keptAxes,
      (g, x) => reshape(g, reduce(g, 'ReduceMax', x(9, 8, 7), [1], false), [9, 1, 7]),
      'ReduceMax Reshape',
      'ReduceMax',
    ],
    [
      'reductions that get another form stay',
      shapes.keptAxes,
      (g, x) => reshape(g, reduce(g, 'ReduceSum', x(9, 8), [1], false), [3, 3]),
      'ReduceSum Reshape',
      'ReduceSum Reshape',
    ],
    [
      'thin products with something added',
      fast.thinProducts,
      (g, x) => node(g, 'Gemm', [x(90, 30), x(90, 3), x(3)], form('float32', [30, 3]), { transA: 1, transB: 0 }),
      'Gemm',
      'FusedMatMul Transpose Add',
    ],
    ['splits with one reader', splits.narrowSplits, (g, x) => split(g, x(6), [1, 2, 3], 0)[1]!, 'Split', 'Slice'],
    [
      'splits of splits',
      splits.flattenSplits,
      (g, x) => {
        const [a, b] = split(g, x(8), [6, 2], 0);
        return [...split(g, reshape(g, a!, [2, 3]), [1, 1], 0), b!];
      },
      'Split Reshape Split',
      'Split Reshape Reshape',
    ],
    [
      'coarse parts that are read stay',
      splits.flattenSplits,
      (g, x) => {
        const [a, b] = split(g, x(8), [6, 2], 0);
        return [...split(g, a!, [1, 5], 0), unary(g, 'Neg', a!), b!];
      },
      'Split Split Neg',
      'Split Split Neg',
    ],
  ]);
  it('equal operators are one, from that pass on', () => {
    const twice = programOf((g, x) => {
      const a = x(3);
      return add(g, unary(g, 'Exp', a), unary(g, 'Exp', a));
    }, false);
    expect(ops(twice)).toBe('Exp Exp Add');
    expect(ops(optimise(twice, [simplify('none', [])]))).toBe('Exp Exp Add');
    expect(ops(optimise(twice, [commonSubexpressions]))).toBe('Exp Add');
    expect(optimise(twice, [commonSubexpressions, simplify('none', [])]).shares).toBe(true);
  });
  describe('operands turned once', () => {
    const ones = (g: Graph): Value => g.full('float32', [1, 1024], 1);
    const gradients = (uses: number): Program =>
      programOf((g, x) => {
        const a = x(1024, 3);
        return Array.from({ length: uses }, () => {
          const d = x(1024, 16);
          return [matmul(g, a, d, true), matmul(g, ones(g), d)];
        }).flat();
      });
    it('are, with the sums of columns in the same products', async () => {
      expect(ops(gradients(4))).toBe('Gemm Gemm Gemm Gemm Gemm Gemm Gemm Gemm');
      const turned = optimise(gradients(4), [turnedOnce]);
      expect(ops(turned)).toBe('Transpose Concat Gemm Split Gemm Split Gemm Split Gemm Split');
      await expectSameResults(turned, gradients(4));
    });
    it('are in sums of products, which are cut apart once', async () => {
      const sums = programOf((g, x) => {
        const blocks = [x(1024, 3), x(1024, 3)];
        return Array.from({ length: 4 }, () => {
          const ds = blocks.map(() => x(1024, 16));
          const products = ds.map((d, i) => matmul(g, blocks[i]!, d, true));
          const columns = ds.map((d) => reshape(g, matmul(g, ones(g), d), [16]));
          return [add(g, products[0]!, products[1]!), add(g, columns[0]!, columns[1]!)];
        }).flat();
      });
      const merged = optimise(sums, [deadCode, simplify('shapes', [sinking.sinkReshapes]), gemm.gemmBias]);
      expect(ops(merged).match(/Gemm/g)).toHaveLength(16);
      const turned = optimise(merged, [turnedOnce]);
      expect(ops(turned).match(/Gemm/g)).toHaveLength(8);
      expect(ops(turned).match(/Transpose|Split/g)).toHaveLength(2 + 4);
      expect(ops(turned)).not.toContain('Add');
      await expectSameResults(turned, sums);
    });
    it('leave sums of products with operands of different widths as they are', async () => {
      const mixed = programOf((g, x) => {
        const [narrow, wide] = [x(1024, 3), x(1024, 5)];
        return Array.from({ length: 4 }, () => {
          const [d, e] = [x(1024, 16), x(1024, 16)];
          const columns = [d, e].map((one) => matmul(g, ones(g), one));
          return [matmul(g, narrow, d, true), matmul(g, wide, e, true), add(g, columns[0]!, columns[1]!)];
        }).flat();
      });
      await expectSameResults(optimise(mixed, [deadCode, gemm.gemmBias, turnedOnce]), mixed);
    });
    it('are not where few products read them', () => {
      expect(ops(optimise(gradients(3), [turnedOnce]))).toBe(ops(gradients(3)));
    });
    it('leave sums alone that come before the operand is there', () => {
      const early = programOf((g, x) => {
        const ones = g.full('float32', [1, 1024], 1);
        const ds = Array.from({ length: 4 }, () => x(1024, 16));
        const sums = ds.map((d) => matmul(g, ones, d));
        const a = unary(g, 'Exp', x(1024, 3));
        return [...sums, ...ds.map((d) => matmul(g, a, d, true))];
      });
      expect(ops(optimise(early, [turnedOnce]))).toBe(
        'Gemm Gemm Gemm Gemm Exp Transpose Concat Gemm Split Gemm Split Gemm Split Gemm Split',
      );
    });
  });
  describe('twins', () => {
    /** Two vectors of the carry, moved along gradients; `hurry`: the second one's gradient is the first one's result. */
    const moved = (hurry: boolean): Program => {
      const g = createGraph();
      const parts = split(g, g.input('carry', 'float32', [8]), [3, 3, 2], 0);
      const move = (part: Value, gradient: Value): Value => sub(g, mul(g, part, scalar(g, 0.9)), gradient);
      const first = move(parts[0]!, g.input('g0', 'float32', [3]));
      const second = move(parts[1]!, hurry ? first : g.input('g1', 'float32', [3]));
      return g.finish([{ name: 'carry_', value: concat(g, [first, second, parts[2]!], 0) }]);
    };
    it('are one', () => {
      const now = optimise(moved(false), [joinTwins, simplify('joins', [joins.joinParts, joins.flattenConcats])]);
      expect(ops(moved(false))).toBe('Split Mul Sub Mul Sub Concat');
      expect(ops(now)).toBe('Split Mul Concat Sub Concat');
    });
    it('are two where one waits for the other', () => {
      expect(ops(optimise(moved(true), [joinTwins]))).toBe(ops(moved(true)));
    });
  });
  it('what no output needs is left out, inputs too', () => {
    const wasteful = programOf((g, x) => {
      unary(g, 'Exp', x(3));
      return unary(g, 'Log', x(2));
    });
    const { inputs, nodes } = optimise(wasteful, [deadCode]);
    expect([inputs.length, nodes.length]).toEqual([1, 1]);
    expect(optimise(wasteful, [])).toBe(wasteful);
  });
  it('a rule that changes a form is caught', () => {
    const bad: Rule = { name: 'bad', ops: ['Exp'], apply: (_, g) => scalar(g, 1) };
    expect(() => optimised(bad, (g, x) => unary(g, 'Exp', x(3)))).toThrow(/pass 'bad' changed the form of Exp/);
  });
});
