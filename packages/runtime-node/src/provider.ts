/** Where ONNX Runtime does its work. */
export type Provider = 'cpu' | 'cuda' | 'webgpu';

const needs: Readonly<Record<Exclude<Provider, 'cpu'>, string>> = {
  cuda:
    'It needs Linux on x64, an NVIDIA GPU with CUDA 12 and cuDNN 9, and the CUDA libraries of onnxruntime-node, which its ' +
    'installation downloads unless ONNXRUNTIME_NODE_INSTALL=skip is set',
  webgpu:
    'It needs a GPU and its driver: Vulkan on Linux (libvulkan.so.1 included), Metal on macOS, Direct3D 12 on Windows',
};

const names: readonly unknown[] = ['cpu', 'cuda', 'webgpu'] satisfies Provider[];

/** Throws a TypeError for anything that is no `Provider`. */
export const checkProvider = (provider: Provider): Provider => {
  if (!names.includes(provider)) {
    throw new TypeError(`onnx: provider: expected 'cpu', 'cuda' or 'webgpu', got '${provider}'`);
  }
  return provider;
};

/** The error for a session that a provider could not make: what went wrong, what it needs, what to do instead. */
export const explainProvider = (provider: Exclude<Provider, 'cpu'>, error: unknown): Error => {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `onnx: the provider '${provider}' could not start: ${reason}. ${needs[provider]}. Without provider, onnx() runs on the CPU`,
    { cause: error },
  );
};
