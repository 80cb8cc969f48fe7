import type { Groups, Scene, Shape } from '@troupe/core';
import type { Scenario } from './scenario.js';
import type { Colour, World } from './world.js';

/** Half the width of the picture, world units. */
const EXTENT = 1.4;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A colour as CSS has it. */
export const css = (colour: Colour): string =>
  `rgb(${colour.map((channel) => Math.round(Math.min(1, Math.max(0, channel)) * 255)).join(', ')})`;

/** What an agent said, as a letter, `_` for silence, or numbers where it is not one-hot. */
const word = (message: Float64Array): string => {
  if (message.every((x) => x === 0)) return '_';
  const spoken = message.findIndex((x) => x === 1);
  if (spoken >= 0 && message.every((x, k) => x === (k === spoken ? 1 : 0))) return LETTERS[spoken] ?? String(spoken);
  return `[${Array.from(message, (x) => x.toFixed(2)).join(' ')}]`;
};

/**
 * Environment `e` as a picture: landmarks, then agents (a little transparent, so that covered landmarks can be seen),
 * then one line of text per agent that can speak. The part of the world shown never changes.
 */
export const draw = (scenario: Scenario<Groups>, world: World, e: number): Scene => {
  const { cast } = scenario;
  const { agents, entities, messageSize, position, message } = world;
  const disc = (entity: number, colour: Colour, opacity: number): Shape => ({
    kind: 'circle',
    x: position[(e * entities + entity) * 2]!,
    y: position[(e * entities + entity) * 2 + 1]!,
    radius: world.size[entity]!,
    fill: css(scenario.colour?.(world, e, entity) ?? colour),
    stroke: 'black',
    opacity,
  });
  const speakers = cast.agents.map((agent, i) => ({ agent, i })).filter(({ agent }) => !agent.silent);
  return {
    view: { left: -EXTENT, bottom: -EXTENT, width: 2 * EXTENT, height: 2 * EXTENT },
    shapes: [
      ...cast.landmarks.map((landmark, l) => disc(agents + l, landmark.colour, 1)),
      ...cast.agents.map((agent, i) => disc(i, agent.colour, 0.7)),
      ...speakers.map(({ agent, i }, line): Shape => {
        const at = (e * agents + i) * messageSize;
        return {
          kind: 'text',
          x: -EXTENT + 0.1,
          y: -EXTENT + 0.1 + 0.14 * line,
          text: `${agent.id} sends ${word(message.subarray(at, at + messageSize))}`,
          size: 0.1,
          fill: 'black',
        };
      }),
    ],
  };
};
