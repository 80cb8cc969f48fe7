import type { Metrics } from '@troupe/core';
import type { AtRest } from '@troupe/runtime';
import type { Agent } from './agents.js';
import { METRICS, type MaddpgOutput } from './types.js';

/** Reads what a step put out: means over the agents, and each agent's own as `group/agent/name`. */
export const metricsReader = (agents: readonly Agent[], perAgent: boolean) => {
  const names = agents.map(({ team, slot }) => METRICS.map((metric) => `${team.name}/${team.ids[slot]!}/${metric}`));
  return (output: AtRest<MaddpgOutput>): Metrics => {
    const data = output.metrics.data as Float32Array;
    const metrics: Record<string, number> = {};
    METRICS.forEach((metric, k) => {
      let sum = 0;
      for (let i = 0; i < agents.length; i++) sum += data[k * agents.length + i]!;
      metrics[metric] = sum / agents.length;
      if (!perAgent) return;
      for (let i = 0; i < agents.length; i++) metrics[names[i]![k]!] = data[k * agents.length + i]!;
    });
    return metrics;
  };
};
