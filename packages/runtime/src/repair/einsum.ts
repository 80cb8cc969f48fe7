import {
  Einsum,
  broadcastTo,
  einsum,
  mul,
  registerGradient,
  reshape,
  type EinsumAttrs,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Not for nothing: where nothing is to be done, tfjs's cpu backend gives back the very same tensor, which confuses its tape. */
const turned = (from: string, to: string, x: Tensor): Tensor => (from === to ? x : einsum(`${from}->${to}`, x));

/** One operand's gradient: the product of dy with the other operand, summed over what this operand lacks. */
const gradientOf = (dy: Tensor, x: Tensor, axes: string, out: string, other?: Tensor, otherAxes = ''): Tensor => {
  // Axes that only x has were summed over: dy is the same everywhere along them.
  const shared = Array.from(axes)
    .filter((axis) => out.includes(axis) || otherAxes.includes(axis))
    .join('');
  const product = (): Tensor => {
    if (other === undefined) return turned(out, shared, dy);
    if (out === '') return mul(dy, turned(otherAxes, shared, other));
    return einsum(`${out},${otherAxes}->${shared}`, dy, other);
  };
  const kept = x.shape.map((d, i) => (shared.includes(axes[i]!) ? d : 1));
  return broadcastTo(reshape(product(), kept), x.shape);
};

/** tfjs 4.22 has no gradient of einsum. */
registerGradient({
  kernelName: Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { equation } = attrs as object as EinsumAttrs;
    const [left = '', out = ''] = equation.replaceAll(/\s/g, '').split('->');
    const terms = left.split(',');
    return Object.fromEntries(
      saved.map((x, i) => [String(i), () => gradientOf(dy as Tensor, x, terms[i]!, out, saved[1 - i], terms[1 - i])]),
    );
  },
});
