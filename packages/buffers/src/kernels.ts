// One function per element type: a function that sees several kinds of typed array is several times slower.

export const copyFloats = (out: Float32Array, at: number, data: Float32Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
export const copyWords = (out: Int32Array, at: number, data: Int32Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
export const copyBytes = (out: Uint8Array, at: number, data: Uint8Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
