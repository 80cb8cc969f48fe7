/** Parts of a run over which what is noted is averaged. */
const STRETCHES = 30;

/** Means of what was noted in one part of a run, which ended at `steps`. */
export interface CurvePoint {
  readonly steps: number;
  readonly [measure: string]: number;
}

/** How a run went: what is noted along the way, averaged over its parts. */
export interface Curve {
  /** Values that are not finite are left out: nothing was measured. */
  note(steps: number, values: Readonly<Record<string, number>>): void;
  points(): CurvePoint[];
  /** What a checkpoint needs to know, as numbers by name. */
  save(): Readonly<Record<string, number>>;
  /** Takes back what `save` gave, among other numbers. */
  load(saved: Readonly<Record<string, number>>): void;
}

/** The curve of a run of `total` steps. */
export const curveOf = (total: number): Curve => {
  const stretches = Array.from({ length: STRETCHES }, () => new Map<string, { sum: number; count: number }>());
  const cell = (stretch: number, measure: string): { sum: number; count: number } => {
    let found = stretches[stretch]!.get(measure);
    if (found === undefined) stretches[stretch]!.set(measure, (found = { sum: 0, count: 0 }));
    return found;
  };
  return {
    note(steps, values) {
      const stretch = Math.min(STRETCHES, Math.ceil((steps / total) * STRETCHES)) - 1;
      for (const [measure, value] of Object.entries(values)) {
        if (!Number.isFinite(value)) continue;
        const into = cell(stretch, measure);
        into.sum += value;
        into.count += 1;
      }
    },
    points: () =>
      stretches.flatMap((measures, stretch) => {
        if (measures.size === 0) return [];
        const means = [...measures].map(([measure, { sum, count }]) => [measure, sum / count] as const);
        return [{ ...Object.fromEntries(means), steps: Math.round(((stretch + 1) / STRETCHES) * total) }];
      }),
    save: () =>
      Object.fromEntries(
        stretches.flatMap((measures, stretch) =>
          [...measures].flatMap(([measure, { sum, count }]) => [
            [`curve ${stretch} sum ${measure}`, sum],
            [`curve ${stretch} count ${measure}`, count],
          ]),
        ),
      ),
    load(saved) {
      for (const [name, value] of Object.entries(saved)) {
        const [, stretch, what, measure] = /^curve (\d+) (sum|count) (.+)$/.exec(name) ?? [];
        if (measure !== undefined) cell(Number(stretch), measure)[what as 'sum' | 'count'] = value;
      }
    },
  };
};
