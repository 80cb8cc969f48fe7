/** What Node and browsers have in common and core needs; core is compiled without the types of either. */
declare function structuredClone<T>(value: T): T;
declare function setTimeout(f: () => void, ms: number): unknown;
declare const setImmediate: ((f: () => void) => unknown) | undefined;
declare const performance: { now(): number };
declare const console: { warn(message: string): void };
