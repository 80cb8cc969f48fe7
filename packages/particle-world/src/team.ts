/** Gives everybody the sum of what everybody got, plus `more`: the shared rewards of the original environments. */
export const giveSum = (local: Float64Array, more: number): void => {
  let sum = more;
  for (let i = 0; i < local.length; i++) sum += local[i]!;
  local.fill(sum);
};
