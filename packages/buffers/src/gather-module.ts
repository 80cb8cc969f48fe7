import type { Place } from './row-layout.js';

/**
 * A WebAssembly module of one function, written for some columns of rows of one length, that copies rows to columns, 16
 * bytes at a time. Plain JavaScript moves one number at a time and checks every index: for 1024 rows of 129 floats out of a
 * million it was measured to take six times as long.
 *
 * ```
 * gather(slots, end, rows, out):
 *   for each slot (int32) in slots … end: read one word per cache line    ; what is waited for is waited for at once
 *   for each slot in slots … end:
 *     for each column: copy ⌈size / 16⌉ × 16 bytes to its place in `out`  ; the surplus is overwritten
 *                                                                         ; by the row that follows
 * ```
 *
 * All are byte addresses. Every output needs 15 bytes to spare at its end, and so does the last row.
 */

/** A column of a row, and where its copies begin, counted from `out`. */
export interface GatheredColumn extends Pick<Place, 'offset' | 'bytes'> {
  readonly to: number;
}

/** Little-endian base 128. */
const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(Math.floor(n / 128))]);
const signed = (n: number): number[] => (n < 64 ? [n] : [(n & 127) | 128, ...signed(Math.floor(n / 128))]);
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const name = (text: string): number[] => [text.length, ...Array.from(text, (char) => char.charCodeAt(0))];

// Instructions. Constants are not negative.
const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const tee = (local: number) => [0x22, ...unsigned(local)];
const constant = (n: number) => [0x41, ...signed(n)];
const [lessUnsigned, add, multiply, or] = [[0x49], [0x6a], [0x6c], [0x72]];
const load = (offset: number) => [0x28, 2, ...unsigned(offset)];
const load16Bytes = (offset: number) => [0xfd, 0, 0, ...unsigned(offset)];
const store16Bytes = (offset: number) => [0xfd, 11, 0, ...unsigned(offset)];
const copyMemory = [0xfc, 10, 0, 0];
const loop = (...body: readonly (readonly number[])[]) => [0x03, 0x40, ...body.flat(), 0x0b];
const again = [0x0d, 0];

const [slots, end, rows, out] = [0, 1, 2, 3];
const [slot, row, seen, outputs] = [4, 5, 6, 7];

const LINE = 64;
/** Of longer rows only the beginning is read ahead: what follows is fetched in order, which processors foresee. */
const TOUCHED = 32 * LINE;
/** Longer columns are copied by the engine, which takes a call. */
const UNROLLED = 512;

/** Where a column's next copy goes: one local each. */
const forEachSlot = (rowBytes: number, body: readonly number[]): number[] => [
  ...[...get(slots), ...set(slot)],
  ...loop([...get(rows), ...get(slot), ...load(0), ...constant(rowBytes), ...multiply, ...add, ...set(row)], body, [
    ...get(slot),
    ...constant(4),
    ...add,
    ...tee(slot),
    ...get(end),
    ...lessUnsigned,
    ...again,
  ]),
];

/** Reads words of a row. They are put together, since a read of which nothing comes would be left out. */
const touch = (offsets: readonly number[]): number[] =>
  offsets.flatMap((offset) => [...get(row), ...load(offset), ...get(seen), ...or, ...set(seen)]);

const copy = ({ offset, bytes }: GatheredColumn, to: number): number[] => [
  ...(bytes > UNROLLED
    ? [...get(to), ...get(row), ...constant(offset), ...add, ...constant(bytes), ...copyMemory]
    : Array.from({ length: Math.ceil(bytes / 16) }, (_, k) => [
        ...[...get(to), ...get(row), ...load16Bytes(offset + 16 * k)],
        ...store16Bytes(16 * k),
      ]).flat()),
  ...[...get(to), ...constant(bytes), ...add, ...set(to)],
];

/** Imports `env.memory`, exports `gather`. */
export const gatherModule = (rowBytes: number, columns: readonly GatheredColumn[]): Uint8Array => {
  const i32 = 0x7f;
  const lines = Array.from({ length: Math.ceil(Math.min(rowBytes, TOUCHED) / LINE) }, (_, k) => LINE * k);
  const body = [
    ...[1, ...unsigned(outputs - slot + columns.length), i32],
    ...columns.flatMap(({ to }, c) => [...get(out), ...constant(to), ...add, ...set(outputs + c)]),
    ...forEachSlot(rowBytes, touch([...lines, rowBytes - 4])),
    ...forEachSlot(rowBytes, columns.flatMap((column, c) => copy(column, outputs + c))), // prettier-ignore
    ...[...get(seen), 0x0b],
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, i32, i32, i32, i32, 1, i32]),
    ...section(2, [1, ...name('env'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('gather'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
};
