import { slotsOf, type Batch, type Discrete, type GroupsActing } from '@troupe/core';
import ndarray from 'ndarray';

/** One agent's step. States are numbers, written one-hot or as they are, as wide as the observation is. */
export interface RowOf {
  readonly seen: number | readonly number[];
  readonly action: number;
  readonly reward: number;
  readonly next: number | readonly number[];
  readonly discount?: number;
  readonly last?: number;
  readonly active?: number;
  readonly nextLegal?: readonly number[];
}

/** Rows of a single group: per moment one entry per slot. */
export const batchOf = <G extends GroupsActing<Discrete>>(
  groups: G,
  moments: readonly (RowOf | readonly RowOf[])[],
  weight?: readonly number[],
): Batch<G> => {
  const [name, group] = Object.entries(groups)[0]!;
  const { observation } = group;
  const slots = slotsOf(group.agents);
  const width = observation.kind === 'box' ? observation.shape.reduce((a, b) => a * b, 1) : 1;
  const rows = moments.flatMap((moment): readonly RowOf[] => ('length' in moment ? moment : [moment]));
  const n = moments.length;
  const seen = (x: number | readonly number[]): readonly number[] =>
    typeof x !== 'number' ? x : width === 1 ? [x] : Array.from({ length: width }, (_, s) => (s === x ? 1 : 0));
  const f32 = (values: readonly number[], ...shape: number[]) => ndarray(Float32Array.from(values), [n, ...shape]);
  const u8 = (values: readonly number[], ...shape: number[]) => ndarray(Uint8Array.from(values), [n, ...shape]);
  const shape = observation.kind === 'discrete' ? [slots] : [slots, width];
  const active = u8(rows.map(({ active: living = 1 }) => living), slots); // prettier-ignore
  const masked = rows.some(({ nextLegal }) => nextLegal);
  return {
    groups: {
      [name]: {
        observation: f32(rows.flatMap((row) => seen(row.seen)), ...shape), // prettier-ignore
        active,
        action: ndarray(Int32Array.from(rows, ({ action }) => action), [n, slots]), // prettier-ignore
        reward: f32(rows.map(({ reward }) => reward), slots), // prettier-ignore
        discount: f32(rows.map(({ discount = 1 }) => discount), slots), // prettier-ignore
        next: {
          observation: f32(rows.flatMap((row) => seen(row.next)), ...shape), // prettier-ignore
          active,
          ...(masked && { legal: u8(rows.flatMap(({ nextLegal }) => nextLegal!), slots, group.action.n) }), // prettier-ignore
        },
        extras: {},
      },
    },
    last: Uint8Array.from(moments, (moment) => ([moment].flat()[0] as RowOf).last ?? 0),
    env: new Int32Array(n),
    ...(weight && { weight: f32(weight) }),
  } as unknown as Batch<G>;
};
