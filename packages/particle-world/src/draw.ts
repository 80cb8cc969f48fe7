import type { Groups, Scene, Shape } from '@troupe/core';
import type { Scenario } from './scenario.js';
import type { Colour, World } from './world.js';

/** Half the width of the fixed picture, world units. */
const EXTENT = 1.4;
/** Share of the picture that a following camera fills, as in the reference. */
const FILLED = 0.9;
/** Channels of the reference are 0 to 200 of 255. */
const BRIGHTEST = 200;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A colour as CSS has it. */
export const css = (colour: Colour): string =>
  `rgb(${colour.map((channel) => Math.round(Math.min(255, Math.max(0, channel) * BRIGHTEST))).join(', ')})`;

/** What an agent said, as a letter, `_` for silence, or numbers where it is not one-hot. */
const word = (message: Float64Array): string => {
  if (message.every((x) => x === 0)) return '_';
  const spoken = message.findIndex((x) => x === 1);
  if (spoken >= 0 && message.every((x, k) => x === (k === spoken ? 1 : 0))) return LETTERS[spoken] ?? String(spoken);
  return `[${Array.from(message, (x) => x.toFixed(2)).join(' ')}]`;
};

/** How a world is drawn. */
export interface RenderOptions {
  /**
   * `fixed`: the part of the world shown never changes. `following`: centred on the origin, as wide as the entity that is
   * farthest out, as the reference draws; obstacles then seem to move. Default `fixed`.
   */
  readonly camera?: 'fixed' | 'following';
}

/** Half the width of what is shown of environment `e`. */
const extentOf = (world: World, e: number, camera: RenderOptions['camera']): number => {
  if (camera !== 'following') return world.wall < Infinity ? Math.max(EXTENT, 1.06 * world.wall) : EXTENT;
  const { entities, position } = world;
  let farthest = 0.1;
  for (let k = e * entities * 2; k < (e + 1) * entities * 2; k++) farthest = Math.max(farthest, Math.abs(position[k]!));
  return farthest / FILLED;
};

/**
 * Environment `e` as a picture, in the reference's colours: walls, landmarks, then agents (a little transparent, so that
 * covered landmarks can be seen), then one line of text per agent that can speak.
 */
export const draw = (scenario: Scenario<Groups>, world: World, e: number, { camera }: RenderOptions = {}): Scene => {
  const { cast } = scenario;
  const { agents, entities, messageSize, position, message, wall } = world;
  const extent = extentOf(world, e, camera);
  const scale = extent / EXTENT;
  const disc = (entity: number, colour: Colour, opacity: number): Shape => ({
    kind: 'circle',
    x: position[(e * entities + entity) * 2]!,
    y: position[(e * entities + entity) * 2 + 1]!,
    radius: world.size[entity]!,
    fill: css(scenario.colour?.(world, e, entity) ?? colour),
    stroke: 'black',
    opacity,
  });
  const corners = [
    [-wall, -wall],
    [wall, -wall],
    [wall, wall],
    [-wall, wall],
  ] as const;
  const walls: readonly Shape[] = wall < Infinity ? [{ kind: 'polygon', points: corners, stroke: 'black' }] : [];
  const speakers = cast.agents.map((agent, i) => ({ agent, i })).filter(({ agent }) => !agent.silent);
  return {
    view: { left: -extent, bottom: -extent, width: 2 * extent, height: 2 * extent },
    shapes: [
      ...walls,
      ...cast.landmarks.map((landmark, l) => disc(agents + l, landmark.colour, 1)),
      ...cast.agents.map((agent, i) => disc(i, agent.colour, 0.7)),
      ...speakers.map(({ agent, i }, line): Shape => {
        const at = (e * agents + i) * messageSize;
        return {
          kind: 'text',
          x: scale * (-EXTENT + 0.1),
          y: scale * (-EXTENT + 0.1 + 0.14 * line),
          text: `${agent.id} sends ${word(message.subarray(at, at + messageSize))}`,
          size: scale * 0.1,
          fill: 'black',
        };
      }),
    ],
  };
};
