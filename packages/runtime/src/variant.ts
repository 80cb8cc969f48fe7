import { summed } from './trace/summed.js';
import type { CompileOptions, ModelInfo, Port, Session, SessionAdapter } from './adapter.js';
import { flatSize } from './carry.js';
import type { AnyStep } from './erased.js';
import { refuse } from './errors.js';
import { describe, type InputForm } from './input.js';
import { onnxModel } from './onnx/model.js';
import { carryWindows, standardPasses } from './passes/index.js';
import { optimise } from './passes/pass.js';
import { build } from './plan.js';
import { andThen, orElse } from './promise.js';
import { denseReader, makeData, restArray, sizeOf, type LeafSpec, type RestData } from './rest.js';
import { scanProgram } from './trace/scan.js';
import { carrySum, inputName, isWhole, outputName, windowsIn, windowsOut, type Window } from './trace/ports.js';
import { traceStep } from './trace/trace.js';
import type { LayoutEntry, MaybePromise, RestArray } from './types.js';

/** A step compiled for one form of input. */
export interface Variant {
  readonly form: InputForm;
  readonly layout: readonly LayoutEntry[];
  readonly stacked: boolean;
  readonly session: Session;
  readonly nodes: number;
  readonly leaves: unknown[];
  readonly read: ((leaf: RestArray) => RestData)[];
  /** Memory that a run writes its outputs into. */
  readonly written: Set<ArrayBufferLike>;
  /** Which input leaves the model has; others are not used by the step. */
  readonly used: readonly number[];
  /** The parts of the carry that the model takes, as arrays onto its memory; none where it takes nothing of it. */
  readonly carryIn: Windows;
  readonly carryOut: Windows;
  /** Whether the last result is the sum of the next carry. */
  readonly givesSum: boolean;
  readonly inputs: RestData[];
  readonly outputs: RestData[];
  readonly ports: readonly Port[];
  readonly outputLeaves: RestArray[];
  readonly outputSpecs: readonly LeafSpec[];
  readonly makeTree: () => unknown;
  tree: unknown;
  steps: number;
}

/** Stretches of flat memory, as arrays onto it. */
export interface Windows {
  readonly count: number;
  readonly offsets: readonly number[];
  readonly of: (flat: Float32Array) => readonly Float32Array[];
}

const viewsOf = (windows: readonly Window[], size: number): Windows => {
  const known = new WeakMap<Float32Array, readonly Float32Array[]>();
  const whole = isWhole(windows, size);
  const make = (flat: Float32Array): readonly Float32Array[] =>
    whole ? [flat] : windows.map(({ offset, shape }) => flat.subarray(offset, offset + sizeOf(shape)));
  return {
    count: windows.length,
    offsets: windows.map(({ offset }) => offset),
    of: (flat) => {
      const before = known.get(flat);
      if (before) return before;
      const made = make(flat);
      known.set(flat, made);
      return made;
    },
  };
};

/** The engine and how models are made for it. */
export interface Setting {
  readonly adapter: SessionAdapter;
  readonly options: CompileOptions;
}

/** Traces a step for one form of input and makes its session; `stacked` runs K steps per call. */
export const buildVariant = (
  step: AnyStep,
  name: string,
  { adapter, options }: Setting,
  layout: readonly LayoutEntry[],
  form: InputForm,
  stacked: boolean,
): MaybePromise<Variant> => {
  const traced = traceStep(step, { name, layout, inputPlan: form.plan, inputs: form.specs });
  // Steps in a row hand the carry on within the model, as one value.
  const passes = (options.passes ?? standardPasses).filter((pass) => !stacked || pass !== carryWindows);
  const one = optimise(traced.program, passes);
  const givesCarry = layout.length > 0;
  const givesSum = givesCarry && (options.check ?? 'always') === 'always';
  const whole = stacked ? scanProgram(one, traced.program.inputs) : one;
  const program = givesSum ? summed(whole) : whole;
  const lead = stacked ? [-1] : [];
  const given = new Set(program.inputs.map(({ origin }) => (origin.kind === 'input' ? origin.name : '')));
  const used = form.specs.flatMap((_, i) => (given.has(inputName(i)) ? [i] : []));
  const size = flatSize(layout);
  const [carriesIn, carriesOut] = [windowsIn(program), windowsOut(program)];
  const port = ({ name, shape }: Window): Port => ({ name, dtype: 'float32', shape });
  const info: ModelInfo = {
    name,
    inputs: [
      ...carriesIn.map(port),
      ...used.map((i) => ({
        name: inputName(i),
        dtype: form.specs[i]!.dtype,
        shape: [...lead, ...form.specs[i]!.shape],
      })),
    ],
    outputs: [
      ...carriesOut.map(port),
      ...traced.outputs.map(({ dtype, shape }, i) => ({ name: outputName(i), dtype, shape: [...lead, ...shape] })),
      ...(givesSum ? [{ name: carrySum, dtype: 'float32' as const, shape: [] }] : []),
    ],
  };
  const model = onnxModel(program);
  options.onModel?.(model, info);
  const refused = (error: unknown): never => {
    throw refuse(
      name,
      `the engine '${adapter.name}' does not take its model: ${error instanceof Error ? error.message : String(error)} ` +
        `(input: ${describe(form.specs)})`,
      'Run it with eager() to see whether the step is in order; the option onModel hands out the model',
      error,
    );
  };
  return andThen(
    orElse(() => adapter.createSession(model, info), refused),
    (session): Variant => {
      const ports = info.outputs.slice(carriesOut.length, givesSum ? -1 : undefined);
      const data = stacked ? [] : ports.map(({ dtype, shape }) => makeData(dtype, sizeOf(shape)));
      const written = new Set(data.map(({ buffer }) => buffer));
      const outputLeaves = data.map((array, i) => restArray(array, ports[i]!.shape));
      const makeTree = (): unknown => build(traced.outputPlan, (i) => outputLeaves[i]);
      return {
        form,
        layout,
        stacked,
        session,
        outputSpecs: traced.outputs,
        nodes: program.nodes.length + (stacked ? one.nodes.length : 0),
        leaves: [],
        read: stacked ? [] : form.specs.map((spec) => denseReader(spec, written)),
        written,
        used,
        carryIn: viewsOf(carriesIn, size),
        carryOut: viewsOf(carriesOut, size),
        givesSum,
        inputs: [],
        outputs: [
          ...carriesOut.map(() => new Float32Array(0)),
          ...(stacked ? ports.map(() => new Float32Array(0)) : data),
          ...(givesSum ? [new Float32Array(1)] : []),
        ],
        ports,
        outputLeaves,
        makeTree,
        tree: makeTree(),
        steps: stacked ? -1 : 1,
      };
    },
  );
};

/** Makes room for the outputs of another number of steps. */
export const resize = (variant: Variant, steps: number): void => {
  if (variant.steps === steps) return;
  variant.steps = steps;
  variant.written.clear();
  const at = variant.carryOut.count;
  variant.ports.forEach(({ dtype, shape }, i) => {
    const full = [steps, ...shape.slice(1)];
    const data = makeData(dtype, sizeOf(full));
    variant.outputs[at + i] = data;
    variant.written.add(data.buffer);
    variant.outputLeaves[i] = restArray(data, full);
  });
  variant.form.specs.forEach(({ path, dtype, shape }, i) => {
    variant.read[i] = denseReader({ path, dtype, shape: [steps, ...shape] }, variant.written);
  });
  variant.tree = variant.makeTree();
};
