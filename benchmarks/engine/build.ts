import { rng } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { onnx } from '@troupe/runtime-node';
import { groups, makeBatch } from './maddpg-batch.js';

/** Prints the milliseconds in which the step of a MADDPG update is traced, rewritten and made a session. */
const runtime = onnx();
let ms = 0;
const compile: typeof runtime.compile = (step, options) => {
  const compiled = runtime.compile(step, options);
  return {
    ...compiled,
    run: (carry, input) => {
      const ran = compiled.run(carry, input);
      ms = compiled.info.buildMs;
      return ran;
    },
  };
};
const learner = maddpg(groups, { runtime: { ...runtime, compile } });
const stream = rng(1);
await learner.update(learner.init(stream), makeBatch(1024), stream, { steps: 0, total: 1 });
console.log(ms.toFixed(1));
runtime.dispose();
