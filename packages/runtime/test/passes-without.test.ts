import '@tensorflow/tfjs-backend-cpu';
import { eager, passesWithout, rewriteNames, standardPasses } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { describe, expect, it } from 'vitest';
import { examples } from './support/steps.js';
import { difference } from './support/numbers.js';

describe('passesWithout', () => {
  it('nothing is the standard', () => {
    expect(passesWithout().map(({ name }) => name)).toEqual(standardPasses.map(({ name }) => name));
  });
  it('refuses names that it does not know', () => {
    expect(() => passesWithout('magic')).toThrow(/passesWithout: expected some of .*relu.*; got 'magic'/);
  });
  it.each(rewriteNames)('without %s the results are the same', async (name) => {
    for (const { name: title, step, carry, input } of examples) {
      const expected = await eager({ backend: 'cpu' }).compile(step).run(carry(), input);
      const runtime = onnx({ passes: passesWithout(name) });
      const got = await runtime.compile(step, { name: title }).run(carry(), input);
      expect(difference(got.carry.flat, expected.carry.flat)).toBeLessThan(1e-5);
      runtime.dispose();
    }
  });
});
