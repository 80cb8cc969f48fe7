/** What a scenario draws from. The library's `Rng` is one of these. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Integer in [0, n), without bias. */
  int(n: number): number;
  /** The position as plain data. */
  save(): unknown;
}

/** Position of a `numpyDraws` stream. */
export interface NumpyState {
  readonly kind: 'pcg64';
  readonly state: bigint;
  readonly increment: bigint;
  /** Upper half of the latest 64 bits, kept for the next 32-bit draw; null where there is none. */
  readonly spare: number | null;
}

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL = 4;

/** The 32-bit words of a seed, least significant first; 0 is one zero word. */
const wordsOf = (seed: bigint): number[] => {
  const words = [Number(seed & 0xffffffffn)];
  for (let rest = seed >> 32n; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
};

/** NumPy's SeedSequence (after O'Neill 2015): four 64-bit words from a seed. */
const spread = (seed: bigint): bigint[] => {
  let hash = 0x43b0d7e5;
  const scramble = (word: number): number => {
    let value = word ^ hash;
    hash = Math.imul(hash, 0x931e8875);
    value = Math.imul(value, hash);
    return value ^ (value >>> 16);
  };
  const combine = (x: number, y: number): number => {
    const value = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
    return value ^ (value >>> 16);
  };
  const words = wordsOf(seed);
  const pool = Array.from({ length: POOL }, (_, k) => scramble(words[k] ?? 0));
  for (let i = 0; i < POOL; i++) {
    for (let j = 0; j < POOL; j++) if (i !== j) pool[j] = combine(pool[j]!, scramble(pool[i]!));
  }
  for (const word of words.slice(POOL)) {
    for (let j = 0; j < POOL; j++) pool[j] = combine(pool[j]!, scramble(word));
  }
  let salt = 0x8b51f9dd;
  const halves = Array.from({ length: 2 * POOL }, (_, k) => {
    let value = pool[k % POOL]! ^ salt;
    salt = Math.imul(salt, 0x58f38ded);
    value = Math.imul(value, salt);
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return Array.from({ length: POOL }, (_, k) => halves[2 * k]! | (halves[2 * k + 1]! << 32n));
};

/** A stream at a position. */
export const numpyDrawsFrom = (saved: NumpyState): Draws => {
  let { state, spare } = saved;
  const { increment } = saved;
  const next64 = (): bigint => {
    state = (state * MULTIPLIER + increment) & MASK_128;
    const mixed = (state >> 64n) ^ (state & MASK_64);
    const turn = state >> 122n;
    return ((mixed >> turn) | (mixed << (64n - turn))) & MASK_64;
  };
  const next32 = (): number => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const bits = next64();
    spare = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  };
  return {
    uniform: () => Number(next64() >> 11n) * 2 ** -53,
    int(n) {
      if (n === 1) return 0;
      // Lemire 2019: the upper half of a product, rejecting the few draws that would bias it.
      for (;;) {
        const product = BigInt(next32()) * BigInt(n);
        const low = Number(product & 0xffffffffn);
        if (low >= n || low >= (2 ** 32 - n) % n) return Number(product >> 32n);
      }
    },
    save: (): NumpyState => ({ kind: 'pcg64', state, increment, spare }),
  };
};

/**
 * NumPy's default generator (`numpy.random.default_rng(seed)`, PCG64 XSL-RR; O'Neill 2014), as far as the scenarios draw
 * from it: the same seed gives the same uniforms and integers. Throws a RangeError unless the seed is an integer >= 0.
 */
export const numpyDraws = (seed: number | bigint): Draws => {
  if (typeof seed === 'number' ? !(Number.isSafeInteger(seed) && seed >= 0) : seed < 0n) {
    throw new RangeError(`numpyDraws: expected an integer seed >= 0, got ${String(seed)}`);
  }
  const [s0, s1, s2, s3] = spread(BigInt(seed)) as [bigint, bigint, bigint, bigint];
  const increment = ((((s2 << 64n) | s3) << 1n) | 1n) & MASK_128;
  // From state 0: advance, add the seed, advance.
  const state = ((increment + ((s0 << 64n) | s1)) * MULTIPLIER + increment) & MASK_128;
  return numpyDrawsFrom({ kind: 'pcg64', state, increment, spare: null });
};
