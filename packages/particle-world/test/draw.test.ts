import { rng } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { simpleReference, simpleSpread, simpleWorldComm } from '../src/index.js';

const still = { velocity: [0, 0], message: [0, 0] };
const choices = (...values: readonly number[]) => ndarray(Int32Array.from(values), [1, values.length]);

describe('drawings', () => {
  it('have colours of the reference: 200 of 255 for a full channel', () => {
    const env = simpleSpread();
    env.reset(rng(1));
    const [landmark, , , agent] = env.render(0).shapes;
    expect(landmark).toMatchObject({ fill: 'rgb(50, 50, 50)', radius: 0.05 });
    expect(agent).toMatchObject({ fill: 'rgb(70, 70, 170)', radius: 0.15 });
  });

  it('are seen by a camera that stands still, or follows who is farthest out', () => {
    const env = simpleSpread({ agents: 1 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [{ position: [-1.8, 0.3], ...still }], landmarks: [{ position: [0.2, 0.2] }] });
    expect(env.render(0).view).toEqual({ left: -1.4, bottom: -1.4, width: 2.8, height: 2.8 });
    expect(env.render(0, { camera: 'following' }).view).toEqual({ left: -2, bottom: -2, width: 4, height: 4 });
  });

  it('show walls', () => {
    const env = simpleSpread({ walls: 2 });
    env.reset(rng(1));
    const { view, shapes } = env.render(0);
    expect(shapes[0]).toMatchObject({
      kind: 'polygon',
      points: [
        [-2, -2],
        [2, -2],
        [2, 2],
        [-2, 2],
      ],
    });
    expect(view.width).toBeCloseTo(4.24, 12);
  });

  it('show what was said', () => {
    const env = simpleReference();
    env.reset(rng(1));
    const texts = () => env.render(0).shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
    expect(texts()).toEqual(['agent_0 sends _', 'agent_1 sends _']);
    env.step({ agents: choices(5 * 2, 5 * 9 + 1) });
    expect(texts()).toEqual(['agent_0 sends C', 'agent_1 sends J']);
    const real = simpleReference({ continuous: true });
    real.reset(rng(1));
    const action = ndarray(new Float32Array(30).fill(0.25), [1, 2, 15]);
    real.step({ agents: action });
    const said = real.render(0).shapes.at(-1);
    expect(said).toMatchObject({ kind: 'text', text: `agent_1 sends [${new Array(10).fill('0.25').join(' ')}]` });
  });

  it('of the end of an episode show what it ended in, not the next one', () => {
    const env = simpleWorldComm({ maxCycles: 2 });
    env.reset(rng(1));
    expect(env.renderFinal(0)).toBeNull();
    const actions = { leader: choices(5 * 3), adversaries: choices(0, 0, 0), good: choices(0, 0) };
    env.step(actions);
    expect(env.renderFinal(0)).toBeNull();
    env.step(actions);
    const final = env.renderFinal(0)!;
    const [first] = env.finalState(0)!.agents;
    const agents = final.shapes.filter((shape) => shape.kind === 'circle').slice(5);
    expect([agents[0]!.x, agents[0]!.y]).toEqual(first!.position);
    expect(final.shapes.at(-1)).toMatchObject({ text: 'leadadversary_0 sends D' });
    expect(env.render(0).shapes.at(-1)).toMatchObject({ text: 'leadadversary_0 sends _' });
  });
});
