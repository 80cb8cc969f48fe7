/** What is written: a table of leaves that follow each other in one vector. */
interface Leaves {
  readonly layout: readonly { readonly path: readonly string[]; readonly shape: readonly number[] }[];
  readonly flat: Float32Array;
}

/** A state in the safetensors format, which Python reads with `safetensors.numpy.load_file`. */
export const safetensors = ({ layout, flat }: Leaves): Uint8Array => {
  let offset = 0;
  const entries = layout.map(({ path, shape }) => {
    const begin = offset;
    offset += shape.reduce((a, b) => a * b, 4);
    return [path.join('.'), { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  const table = JSON.stringify(Object.fromEntries(entries));
  const header = new TextEncoder().encode(table.padEnd(Math.ceil(table.length / 8) * 8));
  const file = new Uint8Array(8 + header.length + flat.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength), 8 + header.length);
  return file;
};
