import { pathOf, refuse, shown } from './errors.js';
import type { AnyCarry } from './erased.js';
import { build, planOf, type Plan } from './plan.js';
import { copyInto, isRestArray, restArray, sameShape, sizeOf, specOf } from './rest.js';
import type { AtRest, Carry, LayoutEntry, RestArray, Tree } from './types.js';

/** What the library knows about the carries it made: how to mark one as consumed. Plain copies are not in here. */
const consumers = new WeakMap<object, (by: string | null) => void>();
/** The other buffer of an alternating pair. */
const spares = new WeakMap<Float32Array, Float32Array>();

/** A carry that owns its buffer. */
export const ownCarry = (layout: readonly LayoutEntry[], flat: Float32Array): AnyCarry => {
  let consumedBy: string | null = null;
  const carry: AnyCarry = {
    layout,
    get flat() {
      if (consumedBy !== null) {
        throw new Error(
          `Carry: it was consumed by step '${consumedBy}', so its memory is in use again. ` +
            'Use the carry which that step returned, or keep a copy made before: structuredClone(carry). Of the states of ' +
            'a learner, the newest can be read: progress.state, or what update returned.',
        );
      }
      return flat;
    },
  };
  consumers.set(carry, (by) => {
    consumedBy = by;
  });
  return carry;
};

/** From now on reading the carry throws (`by` null takes that back). A plain copy is never consumed: it is only read. */
export const consume = (carry: object, by: string | null): void => consumers.get(carry)?.(by);

/** Where the next state of a carry may be written: never an array that anyone else can see. */
export const spareOf = (flat: Float32Array): Float32Array => spares.get(flat) ?? new Float32Array(flat.length);

/** After a step wrote `next`: the memory of the consumed carry becomes the spare of the new one. */
export const alternate = (consumed: object, flat: Float32Array, next: Float32Array): void => {
  if (consumers.has(consumed) && next.length === flat.length) spares.set(next, flat);
};

const arrayIndex = /^(0|[1-9]\d*)$/;

const checkKeys = (plan: Plan, path: readonly string[]): void => {
  if (plan.kind === 'leaf') return;
  if (plan.items.length === 0 && path.length > 0) {
    throw new TypeError(`carryOf: nothing at ${pathOf(path)}; leave the key out, as an empty place cannot be kept`);
  }
  plan.items.forEach((item, i) => {
    const key = plan.kind === 'record' ? plan.keys[i]! : String(i);
    if (plan.kind === 'record' && arrayIndex.test(key)) {
      throw new TypeError(`carryOf: key '${key}' at ${pathOf(path)} reads like an array index; use an array or a name`);
    }
    checkKeys(item, [...path, key]);
  });
};

/**
 * A carry from a structure of float32 arrays; the numbers are copied. Leaves lie in `flat` in the order of keys.
 * Throws a TypeError for leaves that are not Float32Array, keys that read like array indices, and empty places.
 */
export function carryOf<C extends Tree>(tree: AtRest<C>): Carry<C>;
export function carryOf(tree: unknown): AnyCarry {
  const { plan, leaves, paths } = planOf(tree, isRestArray, 'an ndarray on a Float32Array', 'carryOf');
  checkKeys(plan, []);
  const layout = leaves.map((leaf, i): LayoutEntry => {
    const spec = specOf(leaf, paths[i]!, 'carryOf');
    if (spec.dtype !== 'float32') {
      throw new TypeError(
        `carryOf: leaf ${pathOf(spec.path)}: expected a Float32Array, got ${spec.dtype}; a carry is float32 throughout, ` +
          'so that it can be one tensor',
      );
    }
    return { path: spec.path, shape: spec.shape };
  });
  const flat = new Float32Array(flatSize(layout));
  let offset = 0;
  leaves.forEach((leaf) => {
    const size = sizeOf(leaf.shape);
    copyInto(leaf, flat.subarray(offset, offset + size));
    offset += size;
  });
  return ownCarry(layout, flat);
}

/** Numbers in a carry of this layout. */
export const flatSize = (layout: readonly LayoutEntry[]): number =>
  layout.reduce((total, entry) => total + sizeOf(entry.shape), 0);

/** Whether leaves have the same paths and shapes in the same order. */
export const sameLayout = (a: readonly LayoutEntry[], b: readonly LayoutEntry[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((entry, i) => {
      const { path, shape } = b[i]!;
      return (
        sameShape(entry.shape, shape) &&
        entry.path.length === path.length &&
        entry.path.every((key, k) => key === path[k])
      );
    }));

/** The nested structure that the paths of a layout describe. */
export const layoutPlan = (layout: readonly LayoutEntry[]): Plan => {
  const nest = (entries: readonly { readonly path: readonly string[]; readonly index: number }[]): Plan => {
    if (entries.length === 1 && entries[0]!.path.length === 0) return { kind: 'leaf', index: entries[0]!.index };
    const keys = [...new Set(entries.map(({ path }) => path[0]!))];
    const items = keys.map((key) =>
      nest(entries.filter(({ path }) => path[0] === key).map(({ path, index }) => ({ path: path.slice(1), index }))),
    );
    const isList = keys.length > 0 && keys.every((key, i) => key === String(i));
    return isList ? { kind: 'list', items } : { kind: 'record', keys, items };
  };
  return nest(layout.map(({ path }, index) => ({ path, index })));
};

const views = new WeakMap<Float32Array, { readonly layout: readonly LayoutEntry[]; readonly tree: unknown }>();

/**
 * The leaves of a carry as views onto its memory, in the structure given to `carryOf`. Valid until the carry is consumed;
 * writing to them changes the carry.
 */
export const leavesOf = <C extends Tree>(carry: Carry<C>): AtRest<C> => {
  if (!isCarry(carry)) throw new TypeError(`leavesOf: expected a carry, as carryOf makes it, got ${shown(carry)}`);
  const { layout, flat } = carry;
  const seen = views.get(flat);
  if (seen?.layout === layout) return seen.tree as AtRest<C>;
  let offset = 0;
  const leaves = layout.map(({ shape }): RestArray => {
    const size = sizeOf(shape);
    const leaf = restArray(flat.subarray(offset, offset + size), shape);
    offset += size;
    return leaf;
  });
  const tree = build(layoutPlan(layout), (i) => leaves[i]);
  views.set(flat, { layout, tree });
  return tree as AtRest<C>;
};

/** Its `layout` may be read even where it was consumed. */
const isCarry = (carry: Partial<AnyCarry> | null | undefined): carry is AnyCarry => Array.isArray(carry?.layout);

/** Checks what was given as a carry; throws a StepError that names the step. */
export const checkCarry = (carry: AnyCarry | null | undefined, step: string): void => {
  const { layout, flat }: Partial<AnyCarry> = carry ?? {};
  if (!Array.isArray(layout)) {
    throw refuse(
      step,
      `the carry is not one: expected { layout, flat }, got ${shown(carry)}`,
      'Make it with carryOf(tree); a step without state takes carryOf({})',
    );
  }
  const size = flatSize(layout as readonly LayoutEntry[]);
  if (!(flat instanceof Float32Array) || flat.length !== size) {
    throw refuse(
      step,
      `the carry is not one: expected a Float32Array of ${size} numbers as flat, got ${shown(flat)}`,
      'Make it with carryOf(tree)',
    );
  }
};
