import { schema, type Groups, type Schema } from '@troupe/core';

/** A named part of an observation: which components, and in which unit. */
export interface ObservationPart {
  /** Key of the part in `read`. */
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  /** Of each component. */
  readonly unit: string;
  /** What it is. */
  readonly about: string;
  /** Names of the components along the last axis, where they have some. */
  readonly fields?: readonly string[];
}

/** Names for the components of a group's observation. `read(row)` gives the parts of one agent's row as views. */
export interface ObservationSchema extends Schema<Readonly<Record<string, readonly number[]>>> {
  /** In the order in which they lie. */
  readonly parts: readonly ObservationPart[];
}

/** The schemas of all groups. */
export type ObservationSchemas<G extends Groups> = { readonly [K in keyof G]: ObservationSchema };

/** A schema of these parts, in this order; those without components are left out. */
export const observationSchema = (given: readonly ObservationPart[]): ObservationSchema => {
  const parts = given.filter(({ shape }) => shape.every((n) => n > 0));
  return { ...schema(Object.fromEntries(parts.map(({ name, shape }) => [name, shape]))), parts };
};

/** Units of what is observed. */
export const units = {
  length: 'world units',
  velocity: 'world units per time unit (a step is 0.1)',
  message: 'share of each letter, 0 to 1',
  code: 'one-hot',
  flag: '0 or 1',
  colour: 'channel, 0 to 1',
} as const;

/**
 * Schemas as rows of a Markdown table: group, components [from, to), name, shape, unit, meaning. The tables in the
 * documentation are made by this.
 */
export const describeObservations = (schemas: Readonly<Record<string, ObservationSchema>>): readonly string[] =>
  Object.entries(schemas).flatMap(([group, { parts, table }]) =>
    parts.map(({ name, shape, unit, about }, k) => {
      const { start, end } = table[k]!;
      return `| \`${group}\` | [${start}, ${end}) | \`${name}\` | ${shape.join(' × ')} | ${unit} | ${about} |`;
    }),
  );

const named = (name: string, n: number, unit: string, about: string): ObservationPart => ({
  name,
  shape: [n],
  unit,
  about,
});
const list = (name: string, n: number, fields: readonly string[], unit: string, about: string): ObservationPart => ({
  name,
  shape: [n, fields.length],
  unit,
  about,
  fields,
});
const XY = ['x', 'y'];
const RGB = ['red', 'green', 'blue'];

/** Parts that several scenarios have. */
export const part = {
  velocity: { ...named('velocity', 2, units.velocity, 'own velocity'), fields: XY },
  position: { ...named('position', 2, units.length, 'own position'), fields: XY },
  /** One place. */
  place: (name: string, about: string): ObservationPart => ({ ...named(name, 2, units.length, about), fields: XY }),
  /** Several places. */
  places: (name: string, n: number, about: string) => list(name, n, XY, units.length, about),
  velocities: (name: string, n: number, about: string) => list(name, n, XY, units.velocity, about),
  messages: (name: string, n: number, size: number, about: string): ObservationPart => ({
    name,
    shape: [n, size],
    unit: units.message,
    about,
  }),
  message: (name: string, size: number, about: string) => named(name, size, units.message, about),
  code: (name: string, size: number, about: string) => named(name, size, units.code, about),
  colour: (name: string, about: string): ObservationPart => ({ ...named(name, 3, units.colour, about), fields: RGB }),
  colours: (name: string, n: number, about: string) => list(name, n, RGB, units.colour, about),
  inside: (name: string, n: number, about: string) => named(name, n, '1 inside, −1 outside', about),
} as const;
