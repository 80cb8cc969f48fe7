import { EluGrad, engine, less, mul, registerGradient, where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** Of EluGrad(dy, y) = dy · (1 where y ≥ 0, else y + 1), which tfjs 4.22 lacks: elu had no second order. */
registerGradient({
  kernelName: EluGrad,
  inputsToSave: ['dy', 'y'],
  gradFunc: (given, [dy, y]) => {
    const outer = given as Tensor;
    return {
      dy: () => engine().runKernel<Tensor>(EluGrad, { dy: outer, y: y! }),
      y: () => where(less(y!, 0), mul(outer, dy!), zerosLike(outer)),
    };
  },
});
