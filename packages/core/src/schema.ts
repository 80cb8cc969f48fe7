import { box, boundOf, type Box } from './space.js';

/** One named part of an observation: its shape, or a box where it is bounded. */
export type SchemaPart = readonly number[] | Box;

/** Where a part lies: components `start` to `end` (exclusive), row-major in `shape`. */
export interface SchemaEntry {
  /** Key of the part in the table that `schema` was given. */
  readonly name: string;
  /** Index of the first component. */
  readonly start: number;
  /** Index after the last component. */
  readonly end: number;
  /** Extents of the part, as `schema` was given them. */
  readonly shape: readonly number[];
}

/** Names for the components of a flat observation. */
export interface Schema<P extends Readonly<Record<string, SchemaPart>>> {
  /** Components in all. */
  readonly size: number;
  /** The flat observation: [size], with the bounds of the parts. */
  readonly space: Box;
  /** Every part, in the order in which they lie. */
  readonly table: readonly SchemaEntry[];
  /** Where a part lies. Throws a RangeError for an unknown name. */
  slice(name: keyof P & string): SchemaEntry;
  /**
   * Lays values out flat, into `out` from `at` on if given, else into a new array. A part of one component may be a
   * number. Throws a RangeError for a missing, unknown or wrongly sized part.
   */
  write(values: { readonly [K in keyof P]: number | ArrayLike<number> }, out?: Float32Array, at?: number): Float32Array;
  /** The parts of a flat observation, as views where it is a Float32Array. Throws a RangeError for another length. */
  read(flat: Float32Array): { readonly [K in keyof P]: Float32Array };
}

const shapeAndBounds = (part: SchemaPart): Box => ('kind' in part ? part : box(part));

/**
 * A flat observation with named parts: what a dictionary observation becomes here.
 *
 * ```ts
 * const seen = schema({ position: [2], velocity: box([2], { low: -1, high: 1 }) });
 * defineEnv({ groups: { cars: { agents: ['a'], observation: seen.space, action: discrete(3) } }, … });
 * seen.write({ position: [x, y], velocity: [vx, vy] }); // Float32Array of 4
 * ```
 *
 * Throws a RangeError without parts and for bad shapes.
 */
export const schema = <const P extends Readonly<Record<string, SchemaPart>>>(parts: P): Schema<P> => {
  const table: SchemaEntry[] = [];
  const low: number[] = [];
  const high: number[] = [];
  for (const [name, part] of Object.entries<SchemaPart>(parts)) {
    const own = shapeAndBounds(part);
    const size = own.shape.reduce((a, b) => a * b, 1);
    table.push({ name, start: low.length, end: low.length + size, shape: own.shape });
    for (let i = 0; i < size; i++) {
      low.push(boundOf(own.low, i));
      high.push(boundOf(own.high, i));
    }
  }
  if (table.length === 0) throw new RangeError('schema: expected at least one part, got none');
  const size = low.length;
  const byName = new Map(table.map((entry) => [entry.name, entry]));
  const known = () => table.map(({ name }) => name).join(', ');
  return {
    size,
    space: box([size], { low, high }),
    table,
    slice(name) {
      const entry = byName.get(name);
      if (!entry) throw new RangeError(`schema: slice: expected one of ${known()}, got '${name}'`);
      return entry;
    },
    write(values, out = new Float32Array(size), at = 0) {
      if (out.length < at + size) {
        throw new RangeError(`schema: write: expected room for ${size} numbers from ${at} on, got ${out.length}`);
      }
      for (const { name, start, end } of table) {
        const value = (values as Readonly<Record<string, number | ArrayLike<number> | undefined>>)[name];
        const length = value === undefined ? 0 : typeof value === 'number' ? 1 : value.length;
        if (length !== end - start) {
          throw new RangeError(`schema: write: expected ${end - start} numbers for '${name}', got ${length}`);
        }
        if (typeof value === 'number') out[at + start] = value;
        else for (let k = 0; k < length; k++) out[at + start + k] = value![k]!;
      }
      for (const name in values) {
        if (!byName.has(name)) throw new RangeError(`schema: write: expected only ${known()}, got '${name}'`);
      }
      return out;
    },
    read(flat) {
      if (flat.length !== size) throw new RangeError(`schema: read: expected ${size} numbers, got ${flat.length}`);
      return Object.fromEntries(table.map(({ name, start, end }) => [name, flat.subarray(start, end)])) as {
        [K in keyof P]: Float32Array;
      };
    },
  };
};
