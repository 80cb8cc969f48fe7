/** One line of `npm run bench`. Times are milliseconds of one unit of the work that `config` describes. */
export interface Measurement {
  readonly name: string;
  readonly runtime: string;
  readonly msMedian: number;
  readonly msMin: number;
  /** Rounds measured. */
  readonly n: number;
  readonly perSecond?: number;
  /** What `perSecond` counts. */
  readonly unit?: string;
  readonly config: Record<string, unknown>;
}
