import { StepError, pathOf, refuse } from './errors.js';
import { collect, planOf, type Plan } from './plan.js';
import { dtypeOf, isRestArray, specOf, type LeafSpec } from './rest.js';
import type { RestArray } from './types.js';

/** The structure of an input, its leaves in the order of the plan, and what each of them is. */
export interface InputForm {
  readonly plan: Plan;
  readonly specs: readonly LeafSpec[];
}

/** Leaves with their dtypes and shapes, for messages. */
export const describe = (specs: readonly LeafSpec[]): string =>
  specs.map(({ path, dtype, shape }) => `${pathOf(path)}: ${dtype} [${shape.join(', ')}]`).join('; ') || 'none';

/** Reads off the form of an input; throws a StepError for anything that is no tree of ndarrays on our three arrays. */
export const formOf = (step: string, input: unknown): InputForm & { readonly leaves: readonly RestArray[] } => {
  const where = `step '${step}': input`;
  try {
    const { plan, leaves, paths } = planOf(input, isRestArray, 'an ndarray', where);
    return { plan, leaves, specs: leaves.map((leaf, i) => specOf(leaf, paths[i]!, where)) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new StepError(`${text}. Leaves are ndarrays: ndarray(Float32Array.of(1, 2, 3), [3])`, { cause: error });
  }
};

/**
 * Collects the leaves of an input if it has this form; false if it has another. `lead` says how many leading axes the
 * leaves have in addition (1 for stacked inputs).
 */
export const fits = (form: InputForm, input: unknown, into: unknown[], lead = 0): boolean => {
  if (!collect(form.plan, input, into)) return false;
  for (let i = 0; i < form.specs.length; i++) {
    const { dtype, shape } = form.specs[i]!;
    const leaf = into[i];
    if (!isRestArray(leaf) || dtypeOf(leaf.data) !== dtype || leaf.shape.length !== shape.length + lead) return false;
    for (let d = 0; d < shape.length; d++) if (leaf.shape[d + lead] !== shape[d]) return false;
    if (!reaches(leaf)) return false;
  }
  return true;
};

/** Does every element lie inside the array? (`specOf` says in words what is wrong where not.) */
const reaches = (leaf: RestArray): boolean => {
  let low = leaf.offset;
  let high = leaf.offset;
  for (let i = 0; i < leaf.shape.length; i++) {
    const d = leaf.shape[i]!;
    if (d === 0) return true;
    const reach = (d - 1) * leaf.stride[i]!;
    if (reach < 0) low += reach;
    else high += reach;
  }
  return low >= 0 && high < leaf.data.length;
};

/** The common leading extent K of stacked inputs, and the form of one of them. */
export const stackOf = (step: string, input: unknown): InputForm & { readonly steps: number } => {
  const { plan, specs } = formOf(step, input);
  const steps = specs[0]?.shape[0];
  if (steps === undefined || steps < 1 || specs.some(({ shape }) => shape[0] !== steps)) {
    const got = specs.map(({ path, shape }) => `${path.join('.')} [${shape.join(', ')}]`).join('; ') || 'no leaves';
    throw refuse(
      step,
      `scan needs input leaves that all begin with the same number of steps, at least one; got ${got}`,
      'Stack the inputs of all steps along a new first axis',
    );
  }
  return { plan, steps, specs: specs.map(({ path, dtype, shape }) => ({ path, dtype, shape: shape.slice(1) })) };
};
