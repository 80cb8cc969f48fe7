import {
  Cast,
  OneHot,
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelFunc,
  type OneHotAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

const mended = new WeakSet<KernelFunc>();

/**
 * The wasm backend of tfjs 4.22 writes integers into what it calls float32: every `tf.oneHot(…, 'float32')` holds numbers
 * near 0 there. Mended where the backend is loaded; on the others nothing happens.
 */
export const mendOneHot = (): void => {
  const [oneHot, cast] = [getKernel(OneHot, 'wasm'), getKernel(Cast, 'wasm')];
  if (!oneHot || !cast || mended.has(oneHot.kernelFunc)) return;
  const kernelFunc: KernelFunc = (call) => {
    const { inputs, backend, attrs } = call;
    const { dtype = 'int32', onValue, offValue } = attrs as object as Partial<OneHotAttrs>;
    if (dtype === 'int32') return oneHot.kernelFunc(call);
    if (![onValue, offValue].every(Number.isInteger)) {
      throw new Error(`oneHot on wasm: expected integers as values on and off, got ${onValue} and ${offValue}`);
    }
    const whole = oneHot.kernelFunc({ inputs, backend, attrs: { ...attrs, dtype: 'int32' } }) as TensorInfo;
    const given = cast.kernelFunc({ inputs: { x: whole }, backend, attrs: { dtype } });
    (backend as { disposeData(dataId: object): boolean }).disposeData(whole.dataId);
    return given;
  };
  mended.add(kernelFunc);
  unregisterKernel(OneHot, 'wasm');
  registerKernel({ ...oneHot, kernelFunc });
};

mendOneHot();
