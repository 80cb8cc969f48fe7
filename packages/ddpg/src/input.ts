import type { Batch, Clock, Draw, GroupBatch, Groups, NoiseShape, Rng } from '@troupe/core';
import type { AtRest, RestArray } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Team } from './agents.js';
import type { MaddpgConfig } from './settings.js';
import { NOISES, type MaddpgInput } from './types.js';

const hasChoice = (team: Team): boolean => team.head.some((part) => part.kind === 'choice');
const scalar = () => ndarray(new Float32Array(1), []);

/** Puts together what one update is given: the rows, the noise that is wanted, and what time it is. */
export const inputReader = (teams: readonly Team[], config: MaddpgConfig, draw: Draw) => {
  const scalars = { updates: scalar(), move: scalar(), rate: scalar() };
  const wanted = NOISES.filter(
    (noise) =>
      noise === 'ownNoise' ||
      (noise === 'nextNoise' && config.targetAction !== 'mode') ||
      (noise === 'othersNoise' && config.othersActions === 'sample'),
  );
  const nameOf = (team: Team, noise: string): string => `${team.name} ${noise}`;

  return (batch: Batch<Groups>, rng: Rng, updates: number, { steps, total }: Clock): AtRest<MaddpgInput> => {
    const shapes: Record<string, NoiseShape> = {};
    for (const team of teams.filter(hasChoice)) {
      const shape = [batch.last.length, team.size, team.width];
      for (const noise of wanted) shapes[nameOf(team, noise)] = { kind: 'uniform', shape };
    }
    const drawn = draw(rng, shapes);
    const groups = Object.fromEntries(
      teams.map((team) => {
        const { observation, active, action, reward, discount, next, legal } = batch.groups[team.name] as GroupBatch;
        const noises = wanted.flatMap((noise) => {
          const array = drawn[nameOf(team, noise)];
          return array ? [[noise, array] as const] : [];
        });
        const masks = hasChoice(team) && { ...(legal && { legal }), ...(next.legal && { nextLegal: next.legal }) };
        const rows = {
          observation,
          active,
          action: action as RestArray,
          reward,
          discount,
          nextObservation: next.observation,
        };
        return [team.name, { ...rows, ...masks, ...Object.fromEntries(noises) }];
      }),
    );
    scalars.updates.data[0] = updates;
    scalars.move.data[0] = updates % config.targetEvery === 0 ? 1 : 0;
    scalars.rate.data[0] = 1 + (config.learningRateEnd - 1) * Math.min(1, steps / total);
    return { groups, ...scalars };
  };
};
