import type { Place } from './row-layout.js';

/**
 * A WebAssembly module of one function, written for some columns of rows of one length, that copies rows to columns, 16
 * bytes at a time. Plain JavaScript moves one number at a time and checks every index: for 1024 rows of 129 floats out of a
 * million it was measured to take eight times as long.
 *
 * ```
 * gather(slots, end, rows, out):
 *   for each five cache lines of a row:
 *     for each slot (int32) in slots … end: read one word of each of them ; what is waited for is waited for at once
 *   for each slot in slots … end:
 *     for each column: copy it to its place in `out`
 * ```
 *
 * All are byte addresses.
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
/** Codes of loads and stores of so many bytes, wherever they begin. */
const MOVES = [
  { bytes: 16, load: [0xfd, 0], store: [0xfd, 11] },
  { bytes: 8, load: [0x29], store: [0x37] },
  { bytes: 4, load: [0x28], store: [0x36] },
  { bytes: 2, load: [0x2f], store: [0x3b] },
  { bytes: 1, load: [0x2d], store: [0x3a] },
] as const;
const copyMemory = [0xfc, 10, 0, 0];
const loop = (...body: readonly (readonly number[])[]) => [0x03, 0x40, ...body.flat(), 0x0b];
const again = [0x0d, 0];

const [slots, end, rows, out] = [0, 1, 2, 3];
const [slot, row, seen, index, at] = [4, 5, 6, 7, 8];
const LOCALS = 5;

const LINE = 64;
/**
 * Lines of a row that are read before those of the next one. Few, so that many rows, each in a page of its own, are waited for
 * at a time: 1024 rows of nine lines took 76 µs all at once, 60 by five and four, 63 by four and five, 64 by threes.
 */
const AT_ONCE = 5;
/** Of longer rows only the beginning is read ahead: what follows is fetched in order, which processors foresee. */
const TOUCHED = 32 * LINE;
/** Longer columns are copied by the engine, which takes a call. */
const UNROLLED = 512;

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

/**
 * Copies the column of a row, byte for byte: stores that overlap those of the row before were measured to take 15 µs of 100.
 * Where to is worked out anew, since a place kept for every column would be more than there are registers.
 */
const copy = ({ offset, bytes, to }: GatheredColumn): number[] => {
  const place = [...get(out), ...get(index), ...constant(bytes), ...multiply, ...add];
  if (bytes > UNROLLED) {
    const [target, source] = [
      [...place, ...constant(to), ...add],
      [...get(row), ...constant(offset), ...add],
    ];
    return [...target, ...source, ...constant(bytes), ...copyMemory];
  }
  const pieces: number[] = [];
  for (let done = 0; done < bytes;) {
    const { bytes: step, load, store } = MOVES.find((move) => move.bytes <= bytes - done)!;
    const source = [...get(row), ...load, 0, ...unsigned(offset + done)];
    pieces.push(...get(at), ...source, ...store, 0, ...unsigned(to + done));
    done += step;
  }
  return [...place, ...set(at), ...pieces];
};
const countUp = [...get(index), ...constant(1), ...add, ...set(index)];

/** Imports `env.memory`, exports `gather`. */
export const gatherModule = (rowBytes: number, columns: readonly GatheredColumn[]): Uint8Array => {
  const i32 = 0x7f;
  // A row that does not begin with a line may end in one more.
  const lines = Array.from({ length: Math.ceil(Math.min(rowBytes, TOUCHED) / LINE) }, (_, k) => LINE * k);
  lines.push(rowBytes - 4);
  const parts = Math.ceil(lines.length / AT_ONCE);
  const touched = Array.from({ length: parts }, (_, k) =>
    forEachSlot(rowBytes, touch(lines.slice(k * AT_ONCE, (k + 1) * AT_ONCE))),
  ).flat();
  const body = [
    ...[1, LOCALS, i32],
    ...touched,
    ...forEachSlot(rowBytes, [...columns.flatMap(copy), ...countUp]),
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
