/** Entities in about this number share a cell. */
const PER_CELL = 2;
const MOST_COLUMNS = 256;

/**
 * Places sorted into the cells of a square, to be searched by distance. Results lie in `found` and `squared` until the
 * next search. Ties are decided by index, so that what is found does not depend on the cells.
 */
export interface Grid {
  /** Indices found. */
  readonly found: Int32Array;
  /** Their squared distances. */
  readonly squared: Float64Array;
  /**
   * Sorts entities 0 … count − 1 in; entity k is at `position[at + 2k]`, and is left out where `present[from + k]` is 0.
   * `half[e]`: the square is [−half, half]²; places
   * outside count to the cells at its edge. (Arrays, since a real number
   * handed to a call may be a number allocated; so below.)
   */
  fill(
    position: Float64Array,
    at: number,
    count: number,
    half: Float64Array,
    e: number,
    present: Uint8Array | null,
    from: number,
  ): void;
  /**
   * Finds all less than `radii[r]` from the place `position[p]`, `position[p + 1]` but `self`, in order of index; returns
   * how many.
   */
  within(position: Float64Array, p: number, radii: Float64Array, r: number, self: number): number;
  /** Finds the `k` nearest but `self` among those at most `radii[r]` away, nearest first; returns how many. */
  nearest(position: Float64Array, p: number, k: number, radii: Float64Array, r: number, self: number): number;
}

/** A grid for up to `capacity` entities. `exhaustive`: one cell only, that is, every search looks at everything. */
export const createGrid = (capacity: number, exhaustive: boolean): Grid => {
  const most = exhaustive ? 1 : Math.max(1, Math.min(MOST_COLUMNS, Math.floor(Math.sqrt(capacity / PER_CELL))));
  const starts = new Int32Array(most * most + 1);
  const items = new Int32Array(capacity);
  const cellOf = new Int32Array(capacity);
  const places = new Float64Array(2 * capacity);
  const found = new Int32Array(capacity);
  const squared = new Float64Array(capacity);
  // Numbers that change live in arrays: numbers of a closure would be allocated anew at each change.
  const shape = new Float64Array(2);
  let columns = 1;

  const column = (x: number): number => {
    const c = Math.floor((x + shape[0]!) / shape[1]!);
    return c < 0 ? 0 : c >= columns ? columns - 1 : c;
  };

  return {
    found,
    squared,
    fill(position, at, count, half, e, present, from) {
      columns = Math.max(1, Math.min(most, Math.floor(Math.sqrt(count / PER_CELL))));
      shape[0] = half[e]!;
      shape[1] = (2 * half[e]!) / columns;
      const cells = columns * columns;
      starts.fill(0, 0, cells + 1);
      for (let k = 0; k < count; k++) {
        if (present !== null && present[from + k] === 0) {
          cellOf[k] = -1;
          continue;
        }
        const x = position[at + 2 * k]!;
        const y = position[at + 2 * k + 1]!;
        places[2 * k] = x;
        places[2 * k + 1] = y;
        const cell = column(y) * columns + column(x);
        cellOf[k] = cell;
        starts[cell + 1]!++;
      }
      for (let cell = 0; cell < cells; cell++) starts[cell + 1]! += starts[cell]!;
      // Backwards, with the ends as cursors: within a cell indices ascend, and the ends become the starts.
      for (let k = count - 1; k >= 0; k--) {
        const cell = cellOf[k]!;
        if (cell >= 0) items[--starts[cell + 1]!] = k;
      }
      for (let cell = 0; cell < cells; cell++) starts[cell] = starts[cell + 1]!;
      let total = 0;
      for (let k = 0; k < count; k++) if (cellOf[k]! >= 0) total++;
      starts[cells] = total;
    },
    within(position, p, radii, r, self) {
      const x = position[p]!;
      const y = position[p + 1]!;
      const radius = radii[r]!;
      const limit = radius * radius;
      const left = column(x - radius);
      const right = column(x + radius);
      const bottom = column(y - radius);
      const top = column(y + radius);
      let count = 0;
      for (let row = bottom; row <= top; row++) {
        const end = starts[row * columns + right + 1]!;
        for (let k = starts[row * columns + left]!; k < end; k++) {
          const other = items[k]!;
          const dx = places[2 * other]! - x;
          const dy = places[2 * other + 1]! - y;
          const d = dx * dx + dy * dy;
          if (!(d < limit) || other === self) continue;
          let slot = count++;
          for (; slot > 0 && found[slot - 1]! > other; slot--) {
            found[slot] = found[slot - 1]!;
            squared[slot] = squared[slot - 1]!;
          }
          found[slot] = other;
          squared[slot] = d;
        }
      }
      return count;
    },
    nearest(position, p, k, radii, r, self) {
      const x = position[p]!;
      const y = position[p + 1]!;
      const reach = radii[r]!;
      const limit = reach * reach;
      const cx = column(x);
      const cy = column(y);
      const side = shape[1]!;
      let count = 0;
      for (let ring = 0; ring < columns; ring++) {
        // Whatever lies in this ring is at least ring − 1 cells away.
        const least = (ring - 1) * side;
        if (ring > 1 && (least > reach || (count === k && least * least > squared[k - 1]!))) break;
        for (let row = Math.max(0, cy - ring); row <= Math.min(columns - 1, cy + ring); row++) {
          const step = row === cy - ring || row === cy + ring ? 1 : 2 * ring;
          for (let col = cx - ring; col <= cx + ring; col += step) {
            if (col < 0 || col >= columns) continue;
            const end = starts[row * columns + col + 1]!;
            for (let item = starts[row * columns + col]!; item < end; item++) {
              const other = items[item]!;
              const dx = places[2 * other]! - x;
              const dy = places[2 * other + 1]! - y;
              const d = dx * dx + dy * dy;
              if (d > limit || other === self) continue;
              const worst = count - 1;
              if (count === k && (d > squared[worst]! || (d === squared[worst]! && other > found[worst]!))) continue;
              let slot = count < k ? count++ : worst;
              for (; slot > 0; slot--) {
                const before = squared[slot - 1]!;
                if (before < d || (before === d && found[slot - 1]! < other)) break;
                found[slot] = found[slot - 1]!;
                squared[slot] = before;
              }
              found[slot] = other;
              squared[slot] = d;
            }
          }
        }
      }
      return count;
    },
  };
};
