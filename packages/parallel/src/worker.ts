/** What runs in a worker thread: makes its share of the environments, then does what it is asked to until it is closed. */
import type { Groups, RngState, VecEnv } from '@troupe/core';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { signature, type Assignment, type Started } from './protocol.js';
import { shareOf, streamAt, type Share } from './share.js';
import { answer, awaitQuestion, operations, questionOf, sideOf } from './signals.js';

const assignment = workerData as Assignment;
const { worker, signals, port } = assignment;

const makeShare = async ({
  from,
  exportName,
  settings,
  first,
  count,
  memory,
  plan,
  expected,
}: Assignment): Promise<Share> => {
  const module = (await import(from)) as Readonly<Record<string, unknown>>;
  const make = module[exportName];
  if (typeof make !== 'function') {
    const exported = Object.keys(module).join(', ') || 'nothing';
    throw new TypeError(`parallel: expected ${from} to export a function '${exportName}', got exports: ${exported}`);
  }
  const env = (make as (settings: unknown) => VecEnv<Groups>)({ ...(settings as object), numEnvs: count });
  if (env.numEnvs !== count || signature(env) !== expected) {
    throw new TypeError(
      `parallel: expected '${exportName}' to make ${count} environments as in the thread that asked, ${expected}; ` +
        `got ${env.numEnvs}, ${signature(env)}`,
    );
  }
  return shareOf(env, memory, plan, first, count);
};

const argument = (): unknown => (receiveMessageOnPort(port) as { message: unknown }).message;

/** Does what is asked; results that are not in the shared arrays go to the port. */
const perform = (share: Share): void => {
  const side = sideOf(signals, worker);
  switch (questionOf(signals, worker)) {
    case operations.step:
      share.step(side);
      break;
    case operations.reset:
      share.reset(streamAt(argument() as RngState), side);
      break;
    case operations.load:
      share.load(argument(), side);
      break;
    case operations.save:
      port.postMessage(share.save());
      break;
    case operations.render:
      port.postMessage(share.render(argument() as number));
      break;
    case operations.close:
      share.close();
      break;
  }
};

const serve = (share: Share): void => {
  for (let number = 1, open = true; open; number = (number + 1) | 0) {
    awaitQuestion(signals, worker, number);
    open = questionOf(signals, worker) !== operations.close;
    let failed = false;
    try {
      perform(share);
    } catch (error) {
      failed = true;
      port.postMessage(error);
    }
    answer(signals, worker, number, failed);
  }
  port.close();
};

const say = (started: Started): void => parentPort!.postMessage(started);
try {
  const share = await makeShare(assignment);
  say({ kind: 'ready' });
  serve(share);
} catch (error) {
  say({ kind: 'failed', error });
  port.close();
}
