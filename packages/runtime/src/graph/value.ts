/** Element types inside a graph. int64 occurs only where ONNX asks for it: axes, shapes, indices. */
export type Dtype = 'float32' | 'int32' | 'bool' | 'int64';
/** What a constant of a graph is held in. */
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** Form of a value that an operator gives. */
export interface Form {
  /** Element type. */
  readonly dtype: Dtype;
  /** Extents; `[]` for a single number. */
  readonly shape: readonly number[];
}

/** One tensor of a graph. */
export interface Value extends Form {
  /** Different for every value of a graph. */
  readonly id: number;
  /** What gives it. */
  readonly origin: Origin;
}

/** Where a value of a graph comes from. */
export type Origin =
  /** Handed in by this name. */
  | { readonly kind: 'input'; readonly name: string }
  /** All elements alike: kept as one number and expanded only if an operator needs it. */
  | { readonly kind: 'uniform'; readonly value: number }
  /** Known numbers, row-major. */
  | { readonly kind: 'constant'; readonly data: ConstantData }
  /** Output `index` of an operator. */
  | { readonly kind: 'node'; readonly node: Node; readonly index: number };

/** Number: INT. `{ float }`: FLOAT. String: STRING. List: INTS. `{ body }`: GRAPH. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly body: Program };
/** Attributes of an operator by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** An operator before its outputs exist. `domain` is '' for ONNX itself. */
export interface Draft {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly forms: readonly Form[];
}

/** An operator of a finished graph. */
export interface Node extends Draft {
  /** The values it gives, one per form. */
  readonly outputs: readonly Value[];
}

/** A finished graph: what comes in, the operators in an order that can be run, what goes out. */
export interface Program {
  /** Values that come in, in order. */
  readonly inputs: readonly Value[];
  /** Operators; none reads what a later one makes. */
  readonly nodes: readonly Node[];
  /** Values that go out, by name. */
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  /** Whether equal operators are one. */
  readonly shares: boolean;
}

/** The node that made a value, if it is of that kind. */
export const madeBy = (value: Value | null | undefined, op: string): Node | undefined =>
  value?.origin.kind === 'node' && value.origin.node.op === op ? value.origin.node : undefined;

/** The number that all elements of a value are known to be. */
export const uniformOf = (value: Value | null | undefined): number | undefined =>
  value?.origin.kind === 'uniform' ? value.origin.value : undefined;

/** The elements of an integer constant, such as axes or a shape. */
export const integersOf = (value: Value | null | undefined): readonly number[] | undefined => {
  if (value?.origin.kind === 'constant') return Array.from(value.origin.data, Number);
  if (value?.origin.kind === 'uniform') {
    const size = value.shape.reduce((a, b) => a * b, 1);
    return Array.from({ length: size }, () => uniformOf(value)!);
  }
  return undefined;
};
