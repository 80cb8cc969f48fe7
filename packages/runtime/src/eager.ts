import { clone, engine, getBackend, setBackend, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { alternate, checkCarry, consume, layoutPlan, ownCarry, spareOf } from './carry.js';
import { allFinite, carryViews, checkOption, notFinite, type Check } from './check.js';
import { runtimeOf, type AnyCarry, type AnyCompiled, type AnyStep, type Ran } from './erased.js';
import { formOf, stackOf } from './input.js';
import { build, planOf, type Plan } from './plan.js';
import { isPromise, andThen } from './promise.js';
import { copyInto, dtypeOf, isRestArray, makeData, restArray, sizeOf, type LeafDtype, type RestData } from './rest.js';
import { mendOneHot } from './repair/one-hot.js';
import { insideStep, refuseInsideStep } from './trace/active.js';
import { isTensor } from './tensor.js';
import { carryLeaves, checkResult, explain, type StepForm } from './trace/trace.js';
import type { MaybePromise, RestArray, Runtime } from './types.js';

/** Settings of `eager`. */
export interface EagerOptions {
  /** A registered tfjs backend ('cpu', 'wasm', 'webgl', 'webgpu', …). Default: the one that tfjs uses at the moment. */
  readonly backend?: string;
  /** What is looked through for NaN and infinities after every run, as in `CompileOptions`. Default: 'always'. */
  readonly check?: Check;
}

/** Backends whose values can be read at once; on the others reading waits for the device. */
const synchronous = new Set(['cpu', 'wasm', 'tensorflow']);

/** The backend that tfjs chooses at its first use. */
const best = (): string => {
  const { backend, registry } = engine();
  return Object.keys(registry).find((name) => registry[name] === backend)!;
};

/** Makes the backend ready: at once where that is possible. */
const ready = (wanted: string | undefined): MaybePromise<string> => {
  const tfjs = engine();
  const known = tfjs.backendNames();
  if (known.length === 0 || (wanted !== undefined && !known.includes(wanted))) {
    throw new Error(
      `eager: ${wanted === undefined ? 'no tfjs backend is' : `the tfjs backend '${wanted}' is not`} registered ` +
        `(registered: ${known.join(', ') || 'none'}). Import one first, such as '@tensorflow/tfjs-backend-${wanted ?? 'cpu'}'`,
    );
  }
  if (wanted === undefined) {
    return getBackend() || best();
  }
  if (tfjs.registry[wanted] !== undefined) return wanted;
  const before = { name: tfjs.backendName, instance: Reflect.get(tfjs, 'backendInstance') as unknown };
  return andThen(setBackend(wanted), (worked) => {
    if (!worked) throw new Error(`eager: the tfjs backend '${wanted}' could not be initialised`);
    if (before.name != null) {
      tfjs.backendName = before.name;
      Reflect.set(tfjs, 'backendInstance', before.instance);
    }
    return wanted;
  });
};

const onBackend = <T>(name: string, f: () => T): T => {
  const tfjs = engine();
  if (tfjs.backendName === name) return f();
  const before = { name: tfjs.backendName, instance: Reflect.get(tfjs, 'backendInstance') as unknown };
  tfjs.backendName = name;
  Reflect.set(tfjs, 'backendInstance', tfjs.registry[name]);
  try {
    return f();
  } finally {
    tfjs.backendName = before.name;
    Reflect.set(tfjs, 'backendInstance', before.instance);
  }
};

interface Values {
  readonly next: readonly Tensor[];
  readonly output: readonly Tensor[];
  readonly outputPlan: Plan;
  readonly outputSpecs: readonly { readonly path: readonly string[] }[];
}

/** A dense copy of one leaf: tfjs may keep what it is given. */
const denseCopy = (leaf: RestArray, shape: readonly number[], dtype: LeafDtype): RestData => {
  const data = makeData(dtype, sizeOf(shape));
  copyInto(leaf, data);
  return data;
};
const tensorOf = (leaf: RestArray, shape: readonly number[], dtype: LeafDtype): Tensor =>
  tensor(denseCopy(leaf, shape, dtype), [...shape], dtype);

const runStep = (step: AnyStep, form: StepForm, flat: Float32Array, leaves: readonly RestArray[]): Values => {
  let ran: Values | undefined;
  const work = (): Tensor[] => {
    let offset = 0;
    const state = form.layout.map(({ shape }) => {
      const size = sizeOf(shape);
      offset += size;
      return tensor(flat.slice(offset - size, offset), [...shape], 'float32');
    });
    const inputs = form.inputs.map(({ dtype, shape }, i) => tensorOf(leaves[i]!, shape, dtype));
    const carry = build(layoutPlan(form.layout), (i) => state[i]);
    const input = build(form.inputPlan, (i) => inputs[i]);
    const result = checkResult(
      form.name,
      insideStep(form.name, () => step(carry, input)),
    );
    const next = carryLeaves(form.name, result.carry, form.layout);
    const {
      plan,
      leaves: output,
      paths,
    } = planOf(result.output, isTensor, 'a tensor', `step '${form.name}', returned output`);
    // Copies, which are ours to dispose of: a step may give back a tensor from outside.
    const [copies, outputs] = [next.map((t) => clone(t)), output.map((t) => clone(t))];
    ran = { next: copies, output: outputs, outputPlan: plan, outputSpecs: paths.map((path) => ({ path })) };
    return [...copies, ...outputs];
  };
  try {
    tidy(work);
  } catch (error) {
    throw explain(error, form, 'run');
  }
  return ran!;
};

/** Reads tensors and disposes of them. */
const read = (tensors: readonly Tensor[], backend: string): MaybePromise<readonly RestData[]> => {
  const copy = (t: Tensor, numbers: ArrayLike<number>): RestData => {
    const data = makeData(t.dtype as LeafDtype, t.size);
    data.set(numbers);
    return data;
  };
  const free = (): void => tensors.forEach((t) => t.dispose());
  if (synchronous.has(backend)) {
    try {
      return tensors.map((t) => copy(t, t.dataSync()));
    } finally {
      free();
    }
  }
  return Promise.all(tensors.map((t) => t.data()))
    .then((all) => all.map((numbers, i) => copy(tensors[i]!, numbers)))
    .finally(free);
};

/** Writes the next state into the spare buffer of the carry. */
const advance = (carry: AnyCarry, flat: Float32Array, leaves: readonly RestData[]): AnyCarry => {
  if (leaves.length === 0) return carry;
  const next = spareOf(flat);
  let offset = 0;
  for (const leaf of leaves) {
    next.set(leaf, offset);
    offset += leaf.length;
  }
  alternate(carry, flat, next);
  return ownCarry(carry.layout, next);
};

/** Row k along the first axis of a stacked leaf, without copying. */
const pickFirst = (leaf: RestArray, k: number, shape: readonly number[]): RestArray => {
  const view = restArray(leaf.data, shape);
  view.offset = leaf.offset + k * leaf.stride[0]!;
  shape.forEach((_, i) => {
    view.stride[i] = leaf.stride[i + 1]!;
  });
  return view;
};

/** The outputs of all steps, each leaf stacked along a new first axis. */
const stack = (outputs: readonly unknown[]): unknown => {
  const planned = outputs.map((output) => planOf(output, isRestArray, 'an ndarray', 'scan'));
  const { plan, leaves } = planned[0]!;
  const stacked = leaves.map((leaf, i) => {
    const size = sizeOf(leaf.shape);
    const data = makeData(dtypeOf(leaf.data)!, size * outputs.length);
    planned.forEach((row, k) => data.set(row.leaves[i]!.data, k * size));
    return restArray(data, [outputs.length, ...leaf.shape]);
  });
  return build(plan, (i) => stacked[i]);
};

const eagerStep = (
  step: AnyStep,
  name: string,
  { backend, check = 'always' }: EagerOptions,
  isDisposed: () => boolean,
): AnyCompiled => {
  let disposed = false;
  const shapes = new Set<string>();

  const once = (carry: AnyCarry, input: unknown): MaybePromise<Ran> => {
    refuseInsideStep(`the compiled step '${name}'`);
    if (disposed || isDisposed()) throw new Error(`step '${name}': it was run after dispose`);
    checkCarry(carry, name);
    const { layout, flat } = carry;
    const { plan, specs, leaves } = formOf(name, input);
    shapes.add(JSON.stringify([layout, specs]));
    return andThen(ready(backend), (on) => {
      if (on === 'wasm') mendOneHot();
      const form: StepForm = { name, layout, inputPlan: plan, inputs: specs };
      const { next, output, outputPlan, outputSpecs } = onBackend(on, () => runStep(step, form, flat, leaves));
      const forms = output.map((t) => t.shape);
      if (next.length > 0) consume(carry, name);
      return andThen(
        onBackend(on, () => read([...next, ...output], on)),
        (arrays) => {
          const [state, rest] = [arrays.slice(0, next.length), arrays.slice(next.length)];
          const looked = check === 'always' ? arrays : check === 'outputs' ? rest : [];
          if (!looked.every(allFinite)) {
            if (next.length > 0) consume(carry, null);
            throw notFinite(
              name,
              { output: { specs: outputSpecs, data: rest }, carry: { specs: layout, data: state } },
              {
                carry: carryViews(layout, flat),
                input: { specs, data: leaves.map((leaf, i) => denseCopy(leaf, specs[i]!.shape, specs[i]!.dtype)) },
              },
            );
          }
          const outputs = forms.map((shape, i) => restArray(rest[i]!, shape));
          return {
            carry: advance(carry, flat, state),
            output: build(outputPlan, (i) => outputs[i]),
          };
        },
      );
    });
  };

  const scan = (carry: AnyCarry, inputs: unknown): ReturnType<AnyCompiled['scan']> => {
    checkCarry(carry, name);
    const { plan, steps, specs } = stackOf(name, inputs);
    const stacks = formOf(name, inputs).leaves;
    const outputs: unknown[] = [];
    const from = (first: number, given: AnyCarry): MaybePromise<AnyCarry> => {
      let now = given;
      for (let k = first; k < steps; k++) {
        const ran = once(
          now,
          build(plan, (i) => pickFirst(stacks[i]!, k, specs[i]!.shape)),
        );
        if (isPromise(ran)) {
          return ran.then((done) => {
            outputs.push(done.output);
            return from(k + 1, done.carry);
          });
        }
        outputs.push(ran.output);
        now = ran.carry;
      }
      return now;
    };
    // On a copy, so that the carry given survives an error in a later step.
    const { layout, flat } = carry;
    const copy: AnyCarry = { layout, flat: flat.slice() };
    const finish = (last: AnyCarry) => {
      if (layout.length > 0) consume(carry, name);
      return { carry: layout.length > 0 ? last : carry, outputs: stack(outputs) };
    };
    return andThen(from(0, copy), finish);
  };

  return {
    run: once,
    scan,
    get info() {
      return { nodes: 0, buildMs: 0, shapes: shapes.size };
    },
    dispose: () => {
      disposed = true;
    },
  };
};

/**
 * A runtime that runs steps as they are, operation by operation, on a tfjs backend. Slow, but it needs nothing else and
 * lets you print and debug. On 'cpu' and 'wasm' results come at once, elsewhere as promises.
 */
export const eager = (options: EagerOptions = {}): Runtime => {
  const { backend } = options;
  checkOption(options.check ?? 'always', 'eager');
  let disposed = false;
  return runtimeOf({
    name: `eager${backend === undefined ? '' : `-${backend}`}`,
    compile: (step, name) => eagerStep(step, name, options, () => disposed),
    dispose: () => {
      disposed = true;
    },
  });
};
