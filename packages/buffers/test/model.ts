import { choicesOf, shapeOf, slotsOf, type Batch, type Groups, type Rng } from '@troupe/core';
import ndarray from 'ndarray';

/** What a made batch is like, beyond its groups. */
export interface Made {
  readonly legal?: boolean;
  readonly state?: readonly number[];
  readonly extras?: Readonly<Record<string, readonly number[]>>;
  /** Views with gaps, turned axes and offsets instead of plain ones. */
  readonly strided?: boolean;
}

type Data = Float32Array | Int32Array | Uint8Array;

/** Lays row-major values out with an offset, gaps and the axes after the first in reverse order. */
const strided = (values: Data, shape: readonly number[]): ndarray.NdArray<Data> => {
  const stride = Array<number>(shape.length).fill(0);
  let step = 2;
  for (let axis = 1; axis < shape.length; axis++) {
    stride[axis] = step;
    step *= shape[axis]!;
  }
  stride[0] = step + 3;
  const data = new (values.constructor as Float32ArrayConstructor)(5 + shape[0]! * stride[0]).fill(99);
  const view = ndarray(data, [...shape], stride, 5);
  const index = shape.map(() => 0);
  for (const value of values) {
    view.set(...index, value);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return view;
};

/** Rows whose every number comes from `rng`. */
export const makeRows = <G extends Groups>(groups: G, rows: number, rng: Rng, made: Made = {}): Batch<G> => {
  const view = (values: Data, shape: readonly number[]) =>
    made.strided ? strided(values, shape) : ndarray(values, [...shape]);
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const reals = (shape: readonly number[]) => view(rng.fillNormal(new Float32Array(size(shape))), shape);
  const bits = (shape: readonly number[]) =>
    view(
      Uint8Array.from({ length: size(shape) }, () => rng.int(2)),
      shape,
    );
  const choices = (shape: readonly number[]) =>
    view(
      Int32Array.from({ length: size(shape) }, () => rng.int(2 ** 31)),
      shape,
    );
  const [state, next] = [0, 1].map(() => made.state && reals([rows, ...made.state]));
  const seen = (group: Groups[string], shared: unknown) => {
    const n = slotsOf(group.agents);
    return {
      observation: reals([rows, n, ...shapeOf(group.observation)]),
      active: bits([rows, n]),
      ...(made.legal && { legal: bits([rows, n, choicesOf(group.action)]) }),
      ...(shared !== undefined && { state: shared }),
    };
  };
  return {
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, group]) => {
        const n = slotsOf(group.agents);
        const shape = [rows, n, ...shapeOf(group.action)];
        const real = group.action.kind === 'box' || group.action.kind === 'hybrid';
        return [
          name,
          {
            ...seen(group, state),
            action: real ? reals(shape) : choices(shape),
            reward: reals([rows, n]),
            discount: reals([rows, n]),
            next: seen(group, next),
            extras: Object.fromEntries(
              Object.entries(made.extras ?? {}).map(([key, rest]) => [key, reals([rows, ...rest])]),
            ),
          },
        ];
      }),
    ),
    last: Uint8Array.from({ length: rows }, () => rng.int(2)),
    env: Int32Array.from({ length: rows }, () => rng.int(1000)),
  } as unknown as Batch<G>;
};

/** A batch as one plain object per row: what a naive buffer would store. Reads views element by element. */
export const rowsOf = (batch: Batch<Groups>): readonly Readonly<Record<string, readonly number[]>>[] => {
  const out = Array.from(batch.last, (): Record<string, number[]> => ({}));
  const walk = (path: string, node: object): void => {
    if (node instanceof Uint8Array || node instanceof Int32Array) {
      node.forEach((value, b) => (out[b]![path] = [value]));
    } else if ('stride' in node) {
      const view = node as ndarray.NdArray<Data>;
      const rest = view.shape.slice(1);
      const total = rest.reduce((a, b) => a * b, 1);
      out.forEach((row, b) => {
        row[path] = Array.from({ length: total }, (_, k) => {
          const index: number[] = [];
          for (let axis = rest.length - 1; axis >= 0; axis--) {
            index.unshift(k % rest[axis]!);
            k = Math.floor(k / rest[axis]!);
          }
          return view.get(b, ...index);
        });
      });
    } else for (const [key, child] of Object.entries(node)) walk(`${path}/${key}`, child as object);
  };
  walk('', batch);
  return out;
};
