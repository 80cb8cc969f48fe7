/** What Node and browsers have in common and we use; the library is compiled without the types of either. */
declare const console: { warn(message: string): void };
declare const performance: { now(): number };
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
