/** So many different numbers of rows keep their arrays. */
const KEPT = 8;

/** Makes something for a number of rows, and keeps what was made for the latest few numbers. */
export const keepFew = <T>(make: (count: number) => T): ((count: number) => T) => {
  const kept = new Map<number, T>();
  return (count) => {
    let found = kept.get(count);
    if (found === undefined) {
      if (kept.size === KEPT) kept.delete(kept.keys().next().value!);
      found = make(count);
      kept.set(count, found);
    }
    return found;
  };
};
