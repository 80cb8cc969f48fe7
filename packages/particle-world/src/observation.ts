import { schema, type Groups, type Schema } from '@troupe/core';

/** A named part of an observation: which components, and in which unit. */
export interface ObservationPart {
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
