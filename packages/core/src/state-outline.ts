import type { LayoutEntry } from '@troupe/runtime';
import { show } from './vectorize/space-value.js';

/** Where carries lie in a learner's state, and what lies in them: all of a state that is the same before and after updates. */
export interface Outline {
  /** Of a carry. */
  readonly layout?: readonly LayoutEntry[];
  /** Of a list that has carries in it. */
  readonly length?: number;
  /** What else has carries in it, by key. */
  readonly parts: readonly (readonly [key: string, outline: Outline])[];
}

const isCarry = (value: object): value is { readonly layout: readonly LayoutEntry[] } =>
  'layout' in value && 'flat' in value;

/** The outline of a state; undefined where there are no carries in it. */
export const outlineOf = (state: unknown): Outline | undefined => {
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return undefined;
  if (isCarry(state)) return { layout: state.layout, parts: [] };
  const parts = Object.entries(state).flatMap(([key, value]) => {
    const outline = outlineOf(value);
    return outline ? [[key, outline] as const] : [];
  });
  if (parts.length === 0) return undefined;
  return { ...(Array.isArray(state) && { length: state.length }), parts };
};

const layoutDiffers = (expected: readonly LayoutEntry[], got: readonly LayoutEntry[]): string | undefined => {
  const shapesOf = (layout: readonly LayoutEntry[]) =>
    new Map(layout.map(({ path, shape }) => [path.join('.'), `[${shape.join(', ')}]`]));
  const [wanted, found] = [shapesOf(expected), shapesOf(got)];
  for (const leaf of new Set([...wanted.keys(), ...found.keys()])) {
    const [one, other] = [wanted.get(leaf) ?? 'nothing', found.get(leaf) ?? 'nothing'];
    if (one !== other) return `${leaf}: expected ${one}, got ${other}`;
  }
  return undefined;
};

/** The first place in which a state has other carries than the outline says, in words; undefined where there is none. */
export const outlineDiffers = (outline: Outline, state: unknown, path: readonly string[] = []): string | undefined => {
  const at = path.length === 0 ? '' : `${path.join('.')}: `;
  if (typeof state !== 'object' || state === null) return `${at}expected weights, got ${show(state)}`;
  if (outline.layout) {
    if (!isCarry(state)) return `${at}expected weights, got ${show(state)}`;
    const wrong = layoutDiffers(outline.layout, state.layout);
    return wrong && `${path.join('.')}.${wrong}`;
  }
  if (outline.length !== undefined && (state as { readonly length?: number }).length !== outline.length) {
    return `${at}expected ${outline.length} of them, got ${Array.isArray(state) ? state.length : show(state)}`;
  }
  for (const [key, part] of outline.parts) {
    const wrong = outlineDiffers(part, (state as Readonly<Record<string, unknown>>)[key], [...path, key]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};
