import {
  Equal,
  Greater,
  GreaterEqual,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalNot,
  LogicalOr,
  NotEqual,
  registerGradient,
  zeros,
} from '@tensorflow/tfjs-core';

/**
 * A comparison does not change with its operands, almost everywhere. tfjs 4.22 has no gradient for most of them, so that
 * `where(greater(x, y), x, y)` cannot be differentiated.
 */
for (const kernelName of [Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, LogicalAnd, LogicalOr]) {
  registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, [a, b]) => ({ a: () => zeros(a!.shape), b: () => zeros(b!.shape) }),
  });
}
registerGradient({
  kernelName: LogicalNot,
  inputsToSave: ['x'],
  gradFunc: (_, [x]) => ({ x: () => zeros(x!.shape) }),
});
