/** A file that is open for reading. */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** Fills `into` with the bytes from `position` on; fails if there are not so many. */
  read(into: Uint8Array, position: number): Promise<void>;
  /** Gives the file back; nothing can be read afterwards. */
  close(): Promise<void>;
}

/** Writes one file from its beginning to its end. A chunk is done with before the next one is asked for. */
export type PutFile = (file: string, chunks: Iterable<Uint8Array>) => Promise<void>;

/**
 * Where checkpoints are: named sets of files that appear and disappear as a whole. Names consist of letters, digits,
 * `.`, `_` and `-`, and begin with a letter or digit. One writer at a time.
 */
export interface Store {
  /** What messages call it. */
  readonly place: string;
  /** Names of everything complete, sorted. */
  list(): Promise<readonly string[]>;
  /**
   * Writes a new set of files. Once it resolves, all of them are there and outlive a loss of power; if it fails or is
   * cut off at any moment, none of them is. Throws an Error if the name exists.
   */
  write(name: string, fill: (put: PutFile) => Promise<void>): Promise<void>;
  /** Opens a file; undefined if there is none. */
  open(name: string, file: string): Promise<StoredFile | undefined>;
  /** Removes a set of files; no error if there is none. */
  remove(name: string): Promise<void>;
}

/** Refuses names that could lead elsewhere. */
export const checkName = (where: string, name: string): void => {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new RangeError(`${where}: expected a name of letters, digits, '.', '_' and '-', got '${name}'`);
  }
};
