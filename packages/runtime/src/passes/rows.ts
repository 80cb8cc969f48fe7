import { sameShape } from '../rest.js';
import { integersOf, madeBy, type Value } from '../graph/value.js';

/** What is done to the rows of matrices, recognised. */

/** x, if a value is x [n, k] less the mean of each of its rows. */
export const centred = (value: Value | null | undefined): Value | undefined => {
  const [x, mean] = madeBy(value, 'Sub')?.inputs ?? [];
  const reduction = madeBy(madeBy(mean, 'Reshape')?.inputs[0] ?? mean, 'ReduceMean');
  const fits = x?.shape.length === 2 && reduction?.inputs[0] === x && integersOf(reduction.inputs[1])?.join() === '1';
  return fits ? x : undefined;
};

/** x [n, k] and s [n, 1], if a value is their product: each row times a number of its own. */
export const scaled = (value: Value | null | undefined): readonly [x: Value, s: Value] | undefined => {
  const factors = madeBy(value, 'Mul')?.inputs as readonly [Value, Value] | undefined;
  if (!value || !factors || value.shape.length !== 2 || value.shape[1] === 1) return undefined;
  const s = factors.find(({ shape }) => sameShape(shape, [value.shape[0]!, 1]));
  const x = factors.find(({ shape }) => sameShape(shape, value.shape));
  return x && s && [x, s];
};
