import type { Metrics } from './learn.js';

/**
 * Reads the metrics that a step put out: `data` is [metrics, agents], agents as `group/agent`. Gives the mean over the
 * agents under the metric's own name and, if `perAgent`, each agent's as `group/agent/name`.
 */
export const metricsReader = (options: {
  /** Their names, in the order of the rows. */
  readonly metrics: readonly string[];
  /** `group/agent` of each column. */
  readonly agents: readonly string[];
  /** Whether every agent's own are given too. */
  readonly perAgent: boolean;
}): ((data: Float32Array) => Metrics) => {
  const { metrics, agents, perAgent } = options;
  const names = metrics.map((metric) => agents.map((agent) => `${agent}/${metric}`));
  return (data) => {
    const read: Record<string, number> = {};
    metrics.forEach((metric, k) => {
      let sum = 0;
      for (let i = 0; i < agents.length; i++) sum += data[k * agents.length + i]!;
      read[metric] = sum / agents.length;
      if (!perAgent) return;
      for (let i = 0; i < agents.length; i++) read[names[k]![i]!] = data[k * agents.length + i]!;
    });
    return read;
  };
};
