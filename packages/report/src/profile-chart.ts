import { drawCurve, type LearningCurve } from './learning-curve.js';
import type { PerformanceProfile } from './statistics/profile.js';
import { percent } from './statistics/result.js';

/** What a chart of performance profiles shows. */
export interface ProfileChart extends Pick<LearningCurve, 'title' | 'width' | 'height'> {
  /** One line each. */
  readonly profiles: readonly PerformanceProfile[];
  /** What scores are. Default `score τ`. */
  readonly xLabel?: string;
}

/**
 * Performance profiles as one self-contained SVG: for each score τ the share of runs above it, with pointwise bootstrap
 * bands. Throws a RangeError for no profiles.
 */
export const profileChart = ({ profiles, xLabel = 'score τ', ...rest }: ProfileChart): string => {
  const tasks = new Set(profiles.flatMap((profile) => profile.tasks)).size;
  const levels = [...new Set(profiles.flatMap(({ band }) => (band ? [percent(band.level)] : [])))];
  const bands =
    levels.length === 0 ? 'no bands: one seed' : `bands: pointwise ${levels.join(' and ')} bootstrap intervals`;
  return drawCurve(
    {
      ...rest,
      subtitle: `${tasks === 1 ? 'one task' : `${tasks} tasks`}; ${bands}`,
      xLabel,
      yLabel: 'share of runs above τ',
      series: profiles.map(({ name, seeds, thresholds, share, band }) => ({
        name,
        seeds,
        points: thresholds.map((t, k) => [t, share[k]!] as const),
        ...(band && { low: band.low, high: band.high }),
      })),
    },
    [0, 1],
  );
};
