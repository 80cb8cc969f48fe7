/** The part of protobuf's wire format that ONNX needs: varints, 32-bit floats, length-delimited fields. */
export interface Message {
  int(field: number, value: number): Message;
  float(field: number, value: number): Message;
  text(field: number, value: string): Message;
  bytes(field: number, value: Uint8Array): Message;
  message(field: number, value: Message): Message;
  readonly length: number;
  writeTo(out: Uint8Array, at: number): number;
}

const encoder = new TextEncoder();

const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  if (value >= 0) {
    let rest = value;
    while (rest > 127) {
      bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  } else {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
  }
  return Uint8Array.from(bytes);
};

/** An empty message; methods add fields in the order in which they are called. */
export const message = (): Message => {
  const parts: (Uint8Array | Message)[] = [];
  let length = 0;
  const put = (part: Uint8Array | Message): void => {
    parts.push(part);
    length += part.length;
  };
  const tag = (field: number, wire: number): void => put(varint(field * 8 + wire));
  const self: Message = {
    get length() {
      return length;
    },
    int: (field, value) => {
      tag(field, 0);
      put(varint(value));
      return self;
    },
    float: (field, value) => {
      tag(field, 5);
      const four = new Uint8Array(4);
      new DataView(four.buffer).setFloat32(0, value, true);
      put(four);
      return self;
    },
    bytes: (field, value) => {
      tag(field, 2);
      put(varint(value.length));
      put(value);
      return self;
    },
    text: (field, value) => self.bytes(field, encoder.encode(value)),
    message: (field, value) => {
      tag(field, 2);
      put(varint(value.length));
      put(value);
      return self;
    },
    writeTo: (out, at) => {
      for (const part of parts) {
        if (part instanceof Uint8Array) {
          out.set(part, at);
          at += part.length;
        } else at = part.writeTo(out, at);
      }
      return at;
    },
  };
  return self;
};

/** The bytes of a message. */
export const encode = (root: Message): Uint8Array => {
  const out = new Uint8Array(root.length);
  root.writeTo(out, 0);
  return out;
};
