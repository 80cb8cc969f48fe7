import { pathOf, shown } from './errors.js';
import { isTensor } from './tensor.js';

/** The shape of a nested structure without its leaves; leaf numbers follow the order of keys when it was made. */
export type Plan =
  | { readonly kind: 'leaf'; readonly index: number }
  | { readonly kind: 'list'; readonly items: readonly Plan[] }
  | { readonly kind: 'record'; readonly keys: readonly string[]; readonly items: readonly Plan[] };

/** A structure taken apart: leaf k lies at `paths[k]`. */
export interface Planned<L> {
  readonly plan: Plan;
  readonly leaves: readonly L[];
  readonly paths: readonly (readonly string[])[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isTensor(value);

/** Takes a structure apart. Throws a TypeError that begins with `where` for anything that is no leaf, array or record. */
export const planOf = <L>(
  tree: unknown,
  isLeaf: (value: unknown) => value is L,
  what: string,
  where: string,
): Planned<L> => {
  const leaves: L[] = [];
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]): Plan => {
    if (isLeaf(value)) {
      paths.push(path);
      return { kind: 'leaf', index: leaves.push(value) - 1 };
    }
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item, i) => walk(item, [...path, String(i)])) };
    if (!isRecord(value)) {
      throw new TypeError(`${where}: expected ${what} at ${pathOf(path)}, got ${shown(value)}`);
    }
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    return { kind: 'record', keys, items: keys.map((key) => walk(value[key], [...path, key])) };
  };
  const plan = walk(tree, []);
  return { plan, leaves, paths };
};

/** Puts leaves where the plan says. */
export const build = (plan: Plan, leaf: (index: number) => unknown): unknown => {
  if (plan.kind === 'leaf') return leaf(plan.index);
  if (plan.kind === 'list') return plan.items.map((item) => build(item, leaf));
  return Object.fromEntries(plan.keys.map((key, i) => [key, build(plan.items[i]!, leaf)]));
};

/** Collects the leaves of a structure that has the plan's form, without allocating; false if it has another form. */
export const collect = (plan: Plan, tree: unknown, into: unknown[]): boolean => {
  if (plan.kind === 'leaf') {
    into[plan.index] = tree;
    return tree !== undefined;
  }
  if (!isRecord(tree)) return false;
  if (plan.kind === 'list') {
    if (!Array.isArray(tree) || tree.length !== plan.items.length) return false;
    for (let i = 0; i < plan.items.length; i++) if (!collect(plan.items[i]!, tree[i], into)) return false;
    return true;
  }
  let given = 0;
  for (const key in tree) if (tree[key] !== undefined) given++;
  if (given !== plan.keys.length || Array.isArray(tree)) return false;
  for (let i = 0; i < plan.keys.length; i++) if (!collect(plan.items[i]!, tree[plan.keys[i]!], into)) return false;
  return true;
};
