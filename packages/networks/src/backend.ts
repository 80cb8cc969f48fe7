/**
 * Imported for its side effects: tfjs-layers keeps the weights of a model on a backend, even of a model that is only
 * called functionally, and registers the gradients that tfjs-core leaves out in Node.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { engine } from '@tensorflow/tfjs-core';

// At its first use in Node the backend advises to install tfjs-node; here it only holds the weights of models.
const entry = engine().registryFactory['cpu'];
if (entry) {
  const { factory } = entry;
  entry.factory = () => Object.assign(factory(), { firstUse: false });
}

/**
 * Runs `f` with tensors made on the CPU backend, whatever backend is in use: the one in use may be starting still, as
 * WebAssembly and WebGPU do.
 */
export const onCpu = <T>(f: () => T): T => {
  const tfjs = engine();
  const instance = tfjs.findBackend('cpu');
  const before = { name: tfjs.backendName, instance: Reflect.get(tfjs, 'backendInstance') as unknown };
  tfjs.backendName = 'cpu';
  Reflect.set(tfjs, 'backendInstance', instance);
  try {
    return f();
  } finally {
    tfjs.backendName = before.name;
    Reflect.set(tfjs, 'backendInstance', before.instance);
  }
};
