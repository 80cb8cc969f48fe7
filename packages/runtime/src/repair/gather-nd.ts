import {
  GatherNd,
  ScatterNd,
  gatherND,
  registerGradient,
  scatterND,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** What was gathered goes back to where it came from, and the other way round. tfjs 4.22 has neither gradient. */
registerGradient({
  kernelName: GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({
    params: () => scatterND(indices!, dy as Tensor, params!.shape as never),
    indices: () => zerosLike(indices!),
  }),
});
registerGradient({
  kernelName: ScatterNd,
  inputsToSave: ['indices'],
  gradFunc: (dy, [indices]) => ({
    updates: () => gatherND(dy as Tensor, indices!),
    indices: () => zerosLike(indices!),
  }),
});
