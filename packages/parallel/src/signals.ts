/** What a worker can be asked to do. */
export const operations = { step: 1, reset: 2, load: 3, save: 4, render: 5, close: 6 } as const;
/** The number of an operation. */
export type Operation = (typeof operations)[keyof typeof operations];

// One cache line per worker, so that threads that wait do not slow down others: operation, set, asked, answered, failed.
const LINE = 16;
const [OPERATION, SIDE, ASKED, ANSWERED, FAILED] = [0, 1, 2, 3, 4];

/** Looks before a thread goes to sleep: some 30 µs, about what being woken takes. */
const LOOKS = 5000;

/** Words through which this thread and `workers` others tell each other what to do and what is done. */
export const createSignals = (workers: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(Math.max(1, workers) * LINE * Int32Array.BYTES_PER_ELEMENT));

/** Waits until a word is not `old` any more; false if that took longer than `timeout` milliseconds. No allocation. */
const awaitChange = (signals: Int32Array, at: number, old: number, timeout: number): boolean => {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(signals, at) !== old) return true;
  while (Atomics.load(signals, at) === old) {
    if (Atomics.wait(signals, at, old, timeout) === 'timed-out') return Atomics.load(signals, at) !== old;
  }
  return true;
};

/** Asks worker `w` to do something with set `side` of the shared arrays. */
export const ask = (signals: Int32Array, w: number, operation: Operation, side: 0 | 1): void => {
  const at = w * LINE;
  signals[at + OPERATION] = operation;
  signals[at + SIDE] = side;
  Atomics.add(signals, at + ASKED, 1);
  Atomics.notify(signals, at + ASKED);
};

/** Waits until worker `w` has done what it was asked. */
export const awaitAnswer = (signals: Int32Array, w: number, timeout: number): 'done' | 'failed' | 'no answer' => {
  const at = w * LINE;
  const asked = signals[at + ASKED]!;
  // The word before the answer: a worker answers each question once.
  if (!awaitChange(signals, at + ANSWERED, (asked - 1) | 0, timeout)) return 'no answer';
  return Atomics.load(signals, at + FAILED) === 1 ? 'failed' : 'done';
};

/** In worker `w`: waits for question number `number`: from 1, in 32 bits. */
export const awaitQuestion = (signals: Int32Array, w: number, number: number): void =>
  void awaitChange(signals, w * LINE + ASKED, (number - 1) | 0, Infinity);

/** In worker `w`: what it was asked to do. */
export const questionOf = (signals: Int32Array, w: number): Operation => signals[w * LINE + OPERATION] as Operation;
/** In worker `w`: which set of the shared arrays to write. */
export const sideOf = (signals: Int32Array, w: number): 0 | 1 => signals[w * LINE + SIDE] as 0 | 1;

/** In worker `w`: question number `number` has been dealt with. */
export const answer = (signals: Int32Array, w: number, number: number, failed: boolean): void => {
  const at = w * LINE;
  Atomics.store(signals, at + FAILED, failed ? 1 : 0);
  Atomics.store(signals, at + ANSWERED, number);
  Atomics.notify(signals, at + ANSWERED);
};
