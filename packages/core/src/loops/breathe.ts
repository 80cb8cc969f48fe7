/** Milliseconds, monotonic. */
export const now = (): number => performance.now();

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/**
 * Lets timers, signals and input through every `interval` milliseconds. A loop that only awaits values that are already
 * there never leaves the microtask queue: without this a run could not be interrupted.
 */
export const breather = (interval = 20): (() => Promise<void> | undefined) => {
  let last = now();
  return () => {
    if (now() - last < interval) return undefined;
    return nextTask().then(() => {
      last = now();
    });
  };
};
