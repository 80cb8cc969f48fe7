import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** One setting: what it is when left out, what it may be, and what it means. Documentation is made from the same table. */
export interface Field<A> {
  /** What it is when left out. */
  readonly initial: A;
  /** In words, for messages and documentation: "a number in [0, 1]". */
  readonly expected: string;
  /** What it means, in words, with its unit. */
  readonly about: string;
  /** The value, if it is permitted; else what was expected and what came. */
  readonly check: (input: unknown) => E.Either<string, A>;
}
/** A table of settings. */
export type Fields = Readonly<Record<string, Field<unknown>>>;
/** The settings that a table describes. */
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer A> ? A : never };

/** One thing wrong with given settings. */
export interface ConfigIssue {
  /** Name of the setting; '' where the settings as a whole are wrong. */
  readonly path: string;
  /** What was expected and what came. */
  readonly message: string;
}

const show = (u: unknown): string =>
  typeof u === 'string' ? `'${u}'` : Array.isArray(u) ? JSON.stringify(u) : String(u);

/** A setting with a test of its own. */
export const field = <A>(
  initial: A,
  expected: string,
  about: string,
  accepts: (input: unknown) => input is A,
): Field<A> => ({
  initial,
  expected,
  about,
  check: (u) => (accepts(u) ? E.right(u) : E.left(`expected ${expected}, got ${show(u)}`)),
});

const number = (initial: number, expected: string, about: string, ok: (n: number) => boolean): Field<number> =>
  field(initial, expected, about, (u): u is number => typeof u === 'number' && ok(u));

/** A number in [0, 1]. */
export const fraction = (initial: number, about: string): Field<number> =>
  number(initial, 'a number in [0, 1]', about, (n) => n >= 0 && n <= 1);
/** A finite number > 0. */
export const positive = (initial: number, about: string): Field<number> =>
  number(initial, 'a finite number > 0', about, (n) => n > 0 && n < Infinity);
/** A finite number >= 0. */
export const nonNegative = (initial: number, about: string): Field<number> =>
  number(initial, 'a finite number >= 0', about, (n) => n >= 0 && n < Infinity);
/** Any finite number. */
export const real = (initial: number, about: string): Field<number> =>
  number(initial, 'a finite number', about, Number.isFinite);
/** An integer > 0. */
export const count = (initial: number, about: string): Field<number> =>
  number(initial, 'an integer > 0', about, (n) => Number.isInteger(n) && n > 0);
/** True or false. */
export const flag = (initial: boolean, about: string): Field<boolean> =>
  field(initial, 'true or false', about, (u): u is boolean => typeof u === 'boolean');
/** One of these names. */
export const oneOf = <const A extends string>(options: readonly A[], initial: NoInfer<A>, about: string): Field<A> =>
  field(initial, `one of ${options.join(' | ')}`, about, (u): u is A => options.some((option) => option === u));
/** Layer widths: integers > 0, possibly none. */
export const widths = (initial: readonly number[], about: string): Field<readonly number[]> =>
  field(
    initial,
    'a list of integers > 0',
    about,
    (u): u is readonly number[] => Array.isArray(u) && u.every((n) => Number.isInteger(n) && n > 0),
  );
/** The same setting, or null for "not used". */
export const optional = <A>(inner: Field<A>, initial: NoInfer<A> | null = null): Field<A | null> => ({
  initial,
  expected: `${inner.expected}, or null`,
  about: inner.about,
  check: (u) =>
    u === null
      ? E.right(null)
      : pipe(
          inner.check(u),
          E.mapLeft(() => `expected ${inner.expected}, or null, got ${show(u)}`),
        ),
});

/** Checks everything and reports every issue, not only the first. Unknown keys are issues: they are typos. */
export const decode =
  <F extends Fields>(fields: F) =>
  (input: unknown): E.Either<readonly ConfigIssue[], ConfigOf<F>> => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return E.left([{ path: '', message: `expected an object of settings, got ${show(input)}` }]);
    }
    const given = input as Readonly<Record<string, unknown>>;
    const issues: ConfigIssue[] = Object.keys(given)
      .filter((key) => !Object.hasOwn(fields, key))
      .map((path) => ({ path, message: `unknown setting; known: ${Object.keys(fields).join(', ')}` }));
    const out: Record<string, unknown> = {};
    for (const [path, one] of Object.entries(fields)) {
      const value = Object.hasOwn(given, path) ? given[path] : undefined;
      const checked = value === undefined ? E.right(one.initial) : one.check(value);
      if (E.isLeft(checked)) issues.push({ path, message: checked.left });
      else out[path] = checked.right;
    }
    return issues.length > 0 ? E.left(issues) : E.right(out as ConfigOf<F>);
  };

/** For callers who wrote the settings in code: a wrong one is a bug, so this throws a RangeError that names `where`. */
export const orThrow =
  (where: string) =>
  <A>(result: E.Either<readonly ConfigIssue[], A>): A => {
    if (E.isRight(result)) return result.right;
    const lines = result.left.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    throw new RangeError(`${where}: ${lines.join('; ')}`);
  };

/**
 * For options that are records, of networks say: a name that is not known is a typo, so this throws a RangeError that
 * names `where`, the option, and what is known.
 */
export const requireKnown = (where: string, option: string, given: object, known: readonly string[]): void => {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: ${option}: expected some of ${known.join(', ')}, got '${unknown}'`);
  }
};

/** The table as documentation: name, default, what it may be, meaning. */
export const describe = (
  fields: Fields,
): readonly { readonly name: string; readonly initial: string; readonly expected: string; readonly about: string }[] =>
  Object.entries(fields).map(([name, one]) => ({
    name,
    initial: show(one.initial),
    expected: one.expected,
    about: one.about,
  }));
