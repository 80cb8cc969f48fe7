import { MirrorPad, registerGradient } from '@tensorflow/tfjs-core';

/** In tfjs 4.22 the gradient of a mirrored border is lost: it cuts dy instead of folding it back. Better none than that. */
registerGradient({
  kernelName: MirrorPad,
  gradFunc: () => ({
    x: () => {
      throw new Error('tfjs has no correct gradient of mirrorPad: pad by tf.gather with the mirrored indices instead');
    },
  }),
});
