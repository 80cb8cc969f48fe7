import { allFinite, carryViews, notFinite } from './check.js';
import { alternate, checkCarry, consume, ownCarry, sameLayout, spareOf } from './carry.js';
import type { AnyCarry, AnyCompiled, AnyStep, Ran } from './erased.js';
import { refuse } from './errors.js';
import { fits, formOf, stackOf } from './input.js';
import { andThen, inTurn, isPromise } from './promise.js';
import { copyInto, dtypeOf, makeData, sizeOf, type RestData } from './rest.js';
import { refuseInsideStep } from './trace/active.js';
import type { LayoutEntry, MaybePromise, RestArray } from './types.js';
import { buildVariant, resize, type Setting, type Variant } from './variant.js';

/** Forms of input for which a step may be compiled without a word. */
const warnAbove = 8;

const dense = (leaf: RestArray): RestData => {
  const data = makeData(dtypeOf(leaf.data)!, sizeOf(leaf.shape));
  copyInto(leaf, data);
  return data;
};

/** The number of steps that stacked inputs hold; undefined where it is 0, or not the same for all. */
const stepsOf = ({ leaves }: Variant): number | undefined => {
  const steps = (leaves[0] as RestArray).shape[0]!;
  return steps > 0 && leaves.every((leaf) => (leaf as RestArray).shape[0] === steps) ? steps : undefined;
};

/** A step that is traced and compiled once for every form of input it meets. */
export const compiledStep = (step: AnyStep, name: string, setting: Setting, onDispose: () => void): AnyCompiled => {
  const variants: Variant[] = [];
  let latest: Variant | undefined;
  let buildMs = 0;
  // Two runs at a time would write into the same arrays.
  const queued = inTurn();
  let disposed = false;
  let warned = false;

  const matches = (v: Variant, layout: readonly LayoutEntry[], input: unknown, stacked: boolean): boolean =>
    v.stacked === stacked && sameLayout(v.layout, layout) && fits(v.form, input, v.leaves, stacked ? 1 : 0);

  const variantFor = (layout: readonly LayoutEntry[], input: unknown, stacked: boolean): MaybePromise<Variant> => {
    if (latest && matches(latest, layout, input, stacked)) return latest;
    const known = variants.find((v) => matches(v, layout, input, stacked));
    if (known) return (latest = known);
    const form = stacked ? stackOf(name, input) : formOf(name, input);
    const began = performance.now();
    const { plan, specs } = form;
    return andThen(buildVariant(step, name, setting, layout, { plan, specs }, stacked), (made) => {
      buildMs += performance.now() - began;
      variants.push(made);
      if (variants.length > warnAbove && !warned) {
        warned = true;
        const forms = variants.map((v) =>
          v.form.specs.map(({ path, shape }) => `${path.join('.')} [${shape.join(', ')}]`).join(' '),
        );
        console.warn(
          `step '${name}' has been compiled for ${variants.length} different forms of input; each costs time and memory. ` +
            `Pad to a few shapes. Seen: ${forms.join('; ')}`,
        );
      }
      if (!matches(made, layout, input, stacked))
        throw new Error(`step '${name}': the input changed while it was compiled`);
      return (latest = made);
    });
  };

  /** Are the results finite? A sum of the carry that is not may also be one that overflowed. */
  const isSound = ({ carryOut, givesSum, ports }: Variant, results: readonly RestData[]): boolean => {
    if (setting.options.check === 'never') return true;
    const from = carryOut.count;
    for (let i = 0; i < ports.length; i++) if (!allFinite(results[from + i]!)) return false;
    return !givesSum || Number.isFinite(results[from + ports.length]![0]) || results.slice(0, from).every(allFinite);
  };
  const unsound = (
    { carryOut, form, leaves, outputSpecs, ports }: Variant,
    layout: readonly LayoutEntry[],
    results: readonly RestData[],
    flat: Float32Array,
    next: Float32Array | undefined,
  ): Error => {
    const from = carryOut.count;
    const none = { specs: [], data: [] };
    return notFinite(
      name,
      {
        output: { specs: outputSpecs, data: ports.map((_, i) => results[from + i]!) },
        carry: next ? carryViews(layout, next) : none,
      },
      {
        carry: carryViews(layout, flat),
        input: { specs: form.specs, data: leaves.map((leaf) => dense(leaf as RestArray)) },
      },
    );
  };

  /** The next carry: where it was to be written, or what an engine gave that writes into arrays of its own. */
  const nextOf = ({ carryOut }: Variant, spare: Float32Array, results: readonly RestData[]): Float32Array => {
    const wanted = carryOut.of(spare);
    if (wanted[0] === spare) return results[0] as Float32Array;
    for (let i = 0; i < wanted.length; i++) {
      if (results[i] !== wanted[i]) spare.set(results[i]!, carryOut.offsets[i]);
    }
    return spare;
  };

  const execute = (variant: Variant, carry: AnyCarry): MaybePromise<Ran> => {
    const { session, inputs, outputs, leaves, read, used, carryIn, carryOut } = variant;
    const { layout, flat } = carry;
    const shift = carryIn.count;
    const givesCarry = carryOut.count > 0;
    const views = carryIn.of(flat);
    for (let i = 0; i < shift; i++) inputs[i] = views[i]!;
    for (let i = 0; i < used.length; i++) inputs[shift + i] = read[used[i]!]!(leaves[used[i]!] as RestArray);
    const spare = givesCarry ? spareOf(flat) : undefined;
    if (spare) {
      const written = carryOut.of(spare);
      for (let i = 0; i < written.length; i++) outputs[i] = written[i]!;
      consume(carry, name);
    }
    const finish = (results: readonly RestData[]): Ran => {
      const from = carryOut.count;
      const next = spare && nextOf(variant, spare, results);
      if (!isSound(variant, results)) {
        if (givesCarry) consume(carry, null);
        throw unsound(variant, layout, results, flat, next);
      }
      const until = from + variant.ports.length;
      for (let i = from; i < until; i++) {
        const leaf = variant.outputLeaves[i - from]!;
        if (leaf.data !== results[i]) leaf.data = results[i]!;
      }
      const output = variant.tree;
      if (!next) return { carry, output };
      alternate(carry, flat, next);
      return { carry: ownCarry(layout, next), output };
    };
    const fail = (error: unknown): never => {
      if (givesCarry) consume(carry, null);
      throw refuse(
        name,
        `the engine '${setting.adapter.name}' failed: ${error instanceof Error ? error.message : String(error)}`,
        'The carry is as it was',
        error,
      );
    };
    let results: MaybePromise<readonly RestData[]>;
    try {
      results = session.run(inputs, outputs, variant.steps);
    } catch (error) {
      return fail(error);
    }
    return isPromise(results) ? results.then(finish, fail) : finish(results);
  };

  const once = (carry: AnyCarry, input: unknown, stacked: boolean): MaybePromise<Ran> => {
    refuseInsideStep(`the compiled step '${name}'`);
    return queued(() => {
      if (disposed) throw new Error(`step '${name}': it was run after dispose`);
      checkCarry(carry, name);
      return andThen(variantFor(carry.layout, input, stacked), (variant) => {
        if (stacked) resize(variant, stepsOf(variant) ?? stackOf(name, input).steps);
        return execute(variant, carry);
      });
    });
  };

  const stacked = (ran: Ran): { readonly carry: AnyCarry; readonly outputs: unknown } => ({
    carry: ran.carry,
    outputs: ran.output,
  });
  const free = (): void => {
    if (disposed) return;
    disposed = true;
    onDispose();
    variants.forEach((v) => v.session.dispose());
  };
  return {
    run: (carry, input) => once(carry, input, false),
    scan: (carry, inputs) => andThen(once(carry, inputs, true), stacked),
    get info() {
      return { nodes: latest?.nodes ?? 0, buildMs, shapes: variants.length };
    },
    dispose: free,
  };
};
