import '@tensorflow/tfjs-backend-cpu';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';

/** Every way in which a step can run here. */
export const runtimes: readonly (readonly [name: string, make: () => Runtime])[] = [
  ['eager', () => eager({ backend: 'cpu' })],
  ['onnx', () => onnx()],
  ['onnx without rewrites', () => onnx({ passes: [] })],
];
