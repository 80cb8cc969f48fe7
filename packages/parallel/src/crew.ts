import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { WorkerSettings } from './options.js';
import type { Assignment, Started } from './protocol.js';
import { ask, awaitAnswer, operations, type Operation } from './signals.js';

/** Worker threads that step shares of the environments. */
export interface Crew {
  readonly size: number;
  /** Asks all workers, and returns at once. `arguments_`: one for each. */
  ask(operation: Operation, side: 0 | 1, arguments_?: readonly unknown[]): void;
  /** Waits for all workers, and then throws the first error that one of them met. */
  await(): void;
  /** What each worker has to say to a question that has a result, once it has answered. */
  results(): readonly unknown[];
  /** Asks one worker something that has a result. */
  result(worker: number, operation: Operation, argument: unknown): unknown;
  close(): void;
}

const describeShare = ({ worker, first, count }: Assignment): string =>
  `worker ${worker + 1}, environments ${first} to ${first + count - 1} (numbered from 0 in there)`;

/** An error of the same kind that says where it was met; its cause has the stack of the worker. */
const metIn = (where: string, error: unknown): Error => {
  const message = `parallel: ${where}: ${error instanceof Error ? error.message : String(error)}`;
  const Kind = error instanceof RangeError ? RangeError : error instanceof TypeError ? TypeError : Error;
  return new Kind(message, { cause: error });
};

/** The built entry of a worker, also where this file is run as source: Node runs workers without its loaders. */
const entry = new URL('../dist/worker.js', import.meta.url);

interface Member {
  readonly assignment: Assignment;
  readonly thread: Worker;
  readonly port: MessagePort;
}

const start = async (assignment: Omit<Assignment, 'port'>, options: WorkerSettings): Promise<Member> => {
  const { port1: port, port2 } = new MessageChannel();
  const complete: Assignment = { ...assignment, port: port2 };
  const where = describeShare(complete);
  const { execArgv, ...rest } = options;
  const given = { ...rest, ...(execArgv && { execArgv: [...execArgv] }) };
  const thread = new Worker(entry, { ...given, workerData: complete, transferList: [port2] });
  port.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      thread.once('message', (started: Started) =>
        started.kind === 'ready' ? resolve() : reject(metIn(where, started.error)),
      );
      thread.once('error', (error) => reject(metIn(where, error)));
      thread.once('exit', (code) => reject(new Error(`parallel: ${where}: ended with code ${code} at its start`)));
    });
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  thread.removeAllListeners();
  // An error that ends the thread is found when it does not answer; unheard, it would end this process.
  thread.on('error', () => undefined);
  thread.unref();
  return { assignment: complete, thread, port };
};

/** Starts a worker for each assignment. Rejects if one of them cannot make its environments. */
export const startCrew = async (
  assignments: readonly Omit<Assignment, 'port'>[],
  options: WorkerSettings,
  timeout: number,
): Promise<Crew> => {
  const started = await Promise.allSettled(assignments.map((assignment) => start(assignment, options)));
  const members = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await Promise.all(members.map(({ thread }) => thread.terminate()));
    throw failed.reason;
  }
  /** Whether a worker has not answered: then nothing can be relied on any more. */
  let lost = false;
  const signals = assignments[0]?.signals ?? new Int32Array(0);
  const received = ({ port }: Member): unknown => receiveMessageOnPort(port)?.message;

  /** The error that a worker met, if it met one. */
  const errorOf = (member: Member): Error | undefined => {
    const { assignment } = member;
    const answer = awaitAnswer(signals, assignment.worker, timeout);
    if (answer === 'done') return undefined;
    const where = describeShare(assignment);
    if (answer === 'failed') return metIn(where, received(member));
    lost = true;
    return new Error(
      `parallel: ${where}: no answer within ${timeout} ms: it has ended (out of memory?), or needs longer (see timeout)`,
    );
  };
  const put = (member: Member, operation: Operation, side: 0 | 1, argument?: unknown): void => {
    if (lost) throw new Error('parallel: expected nothing but close after a worker did not answer');
    if (argument !== undefined) member.port.postMessage(argument);
    ask(signals, member.assignment.worker, operation, side);
  };
  const crew: Crew = {
    size: members.length,
    ask(operation, side, arguments_) {
      for (let w = 0; w < members.length; w++) put(members[w]!, operation, side, arguments_?.[w]);
    },
    await() {
      let first: Error | undefined;
      for (let w = 0; w < members.length; w++) {
        const error = errorOf(members[w]!);
        first ??= error;
      }
      if (first) throw first;
    },
    results: () => members.map(received),
    result(worker, operation, argument) {
      const member = members[worker]!;
      put(member, operation, 0, argument);
      const error = errorOf(member);
      if (error) throw error;
      return received(member);
    },
    close() {
      try {
        if (!lost) {
          crew.ask(operations.close, 0);
          crew.await();
        }
      } finally {
        for (const { port, thread } of members) {
          port.close();
          void thread.terminate();
        }
      }
    },
  };
  return crew;
};
