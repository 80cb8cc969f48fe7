import {
  Prod,
  cumprod,
  mul,
  registerGradient,
  reshape,
  transpose,
  util,
  type ProdAttrs,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * The gradient of a product is the product of the others: of those before times of those after. tfjs 4.22 computes it by
 * way of chained methods, which Node's import of tfjs does not have.
 */
registerGradient({
  kernelName: Prod,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const { axis } = attrs as object as ProdAttrs;
      const over =
        axis === null || axis === undefined ? x!.shape.map((_, i) => i) : util.parseAxisParam(axis, x!.shape);
      const kept = x!.shape.flatMap((_, i) => (over.includes(i) ? [] : [i]));
      const order = [...kept, ...over];
      const length = over.reduce((n, i) => n * x!.shape[i]!, 1);
      const rows = reshape(transpose(x!, order), [x!.size / length, length]);
      const others = mul(cumprod(rows, 1, true, false), cumprod(rows, 1, true, true));
      const gradient = mul(reshape(dy as Tensor, [rows.shape[0], 1]), others);
      const back = order.map((_, i) => order.indexOf(i));
      return transpose(
        reshape(
          gradient,
          order.map((i) => x!.shape[i]!),
        ),
        back,
      );
    },
  }),
});
