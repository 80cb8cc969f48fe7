import { eager, type Runtime } from '@troupe/runtime';

declare const console: { warn(message: string): void };

/**
 * The fastest runtime that starts here: `onnx()` on onnxruntime-node, else `eager()` on tfjs after saying why.
 * `report` is given the reason; it prints a warning by default.
 */
export const fastestRuntime = async (
  report: (reason: string) => void = (reason) => console.warn(reason),
): Promise<Runtime> => {
  try {
    const { onnx } = await import('@troupe/runtime-node');
    return onnx();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(`troupe: onnx() does not start here, so eager() is used, which is many times slower. Reason: ${reason}`);
    return eager();
  }
};
