import { Tile, registerGradient, reshape, sum, type Tensor, type TileAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../rest.js';

/**
 * What was repeated is summed over its repetitions. tfjs 4.22 adds up a slice for each of them: a thousand operators for a
 * batch of a thousand rows, in every layer normalisation of tfjs-layers; and it knows ranks up to 4 only.
 */
registerGradient({
  kernelName: Tile,
  inputsToSave: ['x'],
  gradFunc: (given, [x], attrs) => ({
    x: () => {
      const { shape } = x!;
      const { reps } = attrs as object as TileAttrs;
      let dy = given as Tensor;
      reps.forEach((times, axis) => {
        if (times === 1) return;
        const before = sizeOf(shape.slice(0, axis));
        const after = shape[axis]! * sizeOf(shape.slice(axis + 1).map((d, i) => d * reps[axis + 1 + i]!));
        dy = sum(reshape(dy, [before, times, after]), 1);
      });
      return reshape(dy, shape);
    },
  }),
});
