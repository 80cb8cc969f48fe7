import { expect, it } from 'vitest';
import { createGraph, type Graph, type Rule } from '../../src/graph/graph.js';
import type { Program, Value } from '../../src/graph/value.js';
import { deadCode, optimise, simplify, type Pass } from '../../src/passes/index.js';
import { difference } from './numbers.js';
import { resultsOf } from './results-of.js';

type Input = (...shape: number[]) => Value;
type Make = (g: Graph, input: Input) => Value | readonly Value[];

/** A program of one or more outputs over inputs named as they are asked for. */
export const programOf = (make: Make, shares = true): Program => {
  const g = createGraph({ shares });
  let n = 0;
  const made = make(g, (...shape) => g.input(`x${n++}`, 'float32', shape));
  const outputs = Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
  return g.finish(outputs.map((value, i) => ({ name: `y${i}`, value })));
};

/** Names of the operators that outputs need, in order. */
export const ops = (program: Program): string =>
  deadCode
    .run(program)
    .nodes.map(({ op }) => op)
    .join(' ');

/** A program after one rewrite. */
export const optimised = (pass: Pass | Rule, make: Make): Program =>
  optimise(programOf(make), ['run' in pass ? pass : simplify(pass.name, [pass])]);

/** The same numbers, within rounding. */
export const expectSameResults = async (rewritten: Program, asIs: Program): Promise<void> => {
  const [got, expected] = [await resultsOf(rewritten), await resultsOf(asIs)];
  expected.forEach((result, i) => expect(difference(got[i]!, result)).toBeLessThan(1e-5));
};

/** What it is, the rewrite, a program, and its operators before and after: a table of tests, which also compare results. */
export const itRewrites = (table: readonly (readonly [string, Pass | Rule, Make, string, string])[]): void =>
  it.each(table)('%s', async (_, pass, make, before, after) => {
    expect(ops(programOf(make))).toBe(before);
    expect(ops(optimised(pass, make))).toBe(after);
    await expectSameResults(optimised(pass, make), programOf(make));
  });
