import type { Column } from './columns.js';

/** Where a column lies in a row, in bytes. */
export interface Place {
  readonly column: Column;
  readonly offset: number;
  readonly bytes: number;
}

export interface RowLayout {
  readonly places: readonly Place[];
  /** A multiple of 4, so that words of every row are aligned. */
  readonly bytesPerRow: number;
}

export const bytesOf = ({ type, size }: Column): number => (type === 'uint8' ? size : 4 * size);

/** Columns of words first, so that they are aligned, then columns of bytes. */
export const layoutOf = (columns: readonly Column[]): RowLayout => {
  const offsets = new Map<Column, number>();
  let at = 0;
  for (const words of [true, false]) {
    for (const column of columns) {
      if ((column.type !== 'uint8') !== words) continue;
      offsets.set(column, at);
      at += bytesOf(column);
    }
  }
  return {
    places: columns.map((column) => ({ column, offset: offsets.get(column)!, bytes: bytesOf(column) })),
    bytesPerRow: Math.ceil(at / 4) * 4,
  };
};
