import { engine, tidy, type Tensor as AnyTensor } from '@tensorflow/tfjs-core';
import { flatSize, layoutPlan } from '../carry.js';
import type { AnyStep } from '../erased.js';
import { StepError, pathOf, refuse, shown } from '../errors.js';
import { concat, reshape, split } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import type { Program, Value } from '../graph/value.js';
import '../lower/index.js';
import { describe } from '../input.js';
import { build, planOf, type Plan } from '../plan.js';
import { sameShape, sizeOf, type LeafSpec } from '../rest.js';
import { isTensor } from '../tensor.js';
import type { LayoutEntry } from '../types.js';
import { insideStep, refuseAsync } from './active.js';
import { createTrace, onTraceBackend, traceBackend } from './backend.js';
import { carryIn, carryOut, inputName, outputName } from './ports.js';
import { setTrace } from './session.js';

/** A step as a graph: the carry is one flat value in and one out, every leaf of input and output a value of its own. */
export interface Traced {
  readonly program: Program;
  readonly outputPlan: Plan;
  readonly outputs: readonly LeafSpec[];
}

/** A step's name, and the forms of its carry and input. */
export interface StepForm {
  readonly name: string;
  readonly layout: readonly LayoutEntry[];
  readonly inputPlan: Plan;
  readonly inputs: readonly LeafSpec[];
}

const leafDtype = (tensor: AnyTensor, path: readonly string[], step: string): LeafSpec => {
  const { dtype } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw refuse(step, `its output ${pathOf(path)} is ${dtype}`, 'Outputs are float32, int32 or bool');
  }
  return { path, dtype, shape: [...tensor.shape] };
};

/** Checks that a step returned `{ carry, output }`; the same in every runtime. */
export const checkResult = (step: string, result: unknown): { readonly carry: unknown; readonly output: unknown } => {
  refuseAsync(step, result);
  if (typeof result !== 'object' || result === null || !('carry' in result) || !('output' in result)) {
    throw refuse(step, `it returned ${shown(result)}`, 'A step returns { carry, output }, both trees of tensors');
  }
  return { carry: result.carry, output: result.output };
};

/** The leaves of a returned carry in the order of the layout; refuses any other structure, shape or type. */
export const carryLeaves = (step: string, carry: unknown, layout: readonly LayoutEntry[]): readonly AnyTensor[] => {
  const { leaves, paths } = planOf(carry, isTensor, 'a tensor', `step '${step}', returned carry`);
  const byPath = new Map(paths.map((path, i) => [path.join('\0'), leaves[i]!]));
  const cure = 'The carry that a step returns has the same leaves, shapes and dtypes as the one it was given';
  const extra = paths.find((path) => !layout.some((entry) => entry.path.join('\0') === path.join('\0')));
  if (extra) throw refuse(step, `the carry it returned has ${pathOf(extra)}, which the given one has not`, cure);
  return layout.map(({ path, shape }) => {
    const leaf = byPath.get(path.join('\0'));
    if (!leaf) throw refuse(step, `the carry it returned lacks ${pathOf(path)}`, cure);
    if (!sameShape(leaf.shape, shape)) {
      throw refuse(
        step,
        `carry ${pathOf(path)} changed its shape from [${shape.join(', ')}] to [${leaf.shape.join(', ')}]`,
        cure,
      );
    }
    if (leaf.dtype !== 'float32')
      throw refuse(step, `carry ${pathOf(path)} changed its dtype from float32 to ${leaf.dtype}`, cure);
    return leaf;
  });
};

/** Errors of tfjs inside a step, with what is needed to find the place. */
export const explain = (error: unknown, form: StepForm, doing: string): Error => {
  if (error instanceof StepError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const kernel = /Kernel '([^']+)' not registered|Cannot find registered kernel '([^']+)'/.exec(text);
  const name = kernel?.[1] ?? kernel?.[2];
  if (name !== undefined && doing === 'traced') {
    return refuse(
      form.name,
      `it uses the tfjs kernel '${name}', which has no translation to ONNX`,
      `Teach it with registerLowering('${name}', …), write the step with other operations, or run it with eager()`,
      error,
    );
  }
  return new StepError(`step '${form.name}' failed while being ${doing}: ${text} (input: ${describe(form.inputs)})`, {
    cause: error,
  });
};

/** Runs a step once on symbols. Nothing of it stays behind in tfjs. */
export const traceStep = (step: AnyStep, form: StepForm): Traced => {
  const { name, layout } = form;
  const graph = createGraph({ shares: false });
  const trace = createTrace(name, graph);
  const tensorOf = (value: Value): AnyTensor => engine().makeTensorFromTensorInfo(trace.infoOf(value), traceBackend);
  const total = flatSize(layout);
  const body = (): Traced => {
    const state =
      layout.length === 0
        ? []
        : split(
            graph,
            graph.input(carryIn, 'float32', [total]),
            layout.map((e) => sizeOf(e.shape)),
            0,
          );
    const carry = build(layoutPlan(layout), (i) => tensorOf(reshape(graph, state[i]!, layout[i]!.shape)));
    const inputs = form.inputs.map(({ dtype, shape }, i) => tensorOf(graph.input(inputName(i), dtype, shape)));
    const input = build(form.inputPlan, (i) => inputs[i]);
    const result = checkResult(
      name,
      insideStep(name, () => step(carry, input)),
    );
    const next = carryLeaves(name, result.carry, layout);
    const out = planOf(result.output, isTensor, 'a tensor', `step '${name}', returned output`);
    if (next.length === 0 && out.leaves.length === 0) {
      throw refuse(name, 'it returns no tensors', 'A step must return at least one leaf in carry or output');
    }
    const outputs = out.leaves.map((leaf, i) => ({ name: outputName(i), value: trace.valueOf(leaf) }));
    if (next.length > 0) {
      const parts = next.map((leaf) => reshape(graph, trace.valueOf(leaf), [leaf.size]));
      outputs.unshift({ name: carryOut, value: concat(graph, parts, 0) });
    }
    return {
      program: graph.finish(outputs),
      outputPlan: out.plan,
      outputs: out.leaves.map((leaf, i) => leafDtype(leaf, out.paths[i]!, name)),
    };
  };
  const before = setTrace(trace);
  let traced: Traced | undefined;
  try {
    onTraceBackend(() =>
      tidy(() => {
        traced = body();
      }),
    );
  } catch (error) {
    throw trace.offence ?? explain(error, form, 'traced');
  } finally {
    setTrace(before);
  }
  if (trace.offence) throw trace.offence;
  return traced!;
};
