export { onnx } from './onnx.js';
export type { OnnxOptions } from './onnx.js';
export type { Provider } from './provider.js';
