import type { Carry, Tree } from '@troupe/runtime';

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Moves every `target` of a carry by `share` towards the `theta` beside it; 1 copies. Outside the compiled step: where it
 * happens once in hundreds of updates, all others do without.
 */
export const moveTargets = ({ layout, flat }: Carry<Tree>, share: number): void => {
  const places = new Map<string, number>();
  let offset = 0;
  for (const { path, shape } of layout) {
    places.set(path.join('/'), offset);
    offset += sizeOf(shape);
  }
  for (const { path, shape } of layout) {
    if (path.at(-1) !== 'target') continue;
    const to = places.get(path.join('/'))!;
    const from = places.get([...path.slice(0, -1), 'theta'].join('/'))!;
    const size = sizeOf(shape);
    if (share === 1) flat.copyWithin(to, from, from + size);
    else for (let i = 0; i < size; i++) flat[to + i]! += share * (flat[from + i]! - flat[to + i]!);
  }
};
