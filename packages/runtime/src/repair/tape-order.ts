import { engine } from '@tensorflow/tfjs-core';

/**
 * tfjs 4.22 records the copies of a kernel's outputs that its gradient needs *before* the kernel itself. The tape is read
 * in order, so the path through these copies is lost: second-order gradients of exp, tanh, sigmoid, softmax and every
 * other kernel whose gradient uses its output are wrong, or missing. Here the kernel's record moves in front of them.
 */
interface Recorded {
  readonly inputs: Readonly<Record<string, { readonly id: number }>>;
  readonly outputs: readonly { readonly id: number }[];
}
type Record_ = (this: unknown, ...call: unknown[]) => void;

const tfjs = engine();
const repaired = Symbol.for('@troupe/runtime tape order');

const copiesOneOf = (ids: ReadonlySet<number>, { inputs, outputs }: Recorded): boolean => {
  const source = inputs['x'];
  return source !== undefined && ids.has(source.id) && outputs.length === 1;
};

/** Moves the last record in front of the copies of its outputs that come right before it. */
const reorder = (tape: Recorded[]): void => {
  const last = tape.at(-1);
  if (!last) return;
  const ids = new Set(last.outputs.map(({ id }) => id));
  let place = tape.length - 1;
  while (place > 0 && copiesOneOf(ids, tape[place - 1]!)) place--;
  if (place === tape.length - 1) return;
  tape.pop();
  tape.splice(place, 0, last);
};

if (!Reflect.has(tfjs, repaired)) {
  const record = Reflect.get(tfjs, 'addTapeNode') as Record_;
  Reflect.set(tfjs, repaired, true);
  Reflect.set(tfjs, 'addTapeNode', function (this: unknown, ...call: unknown[]) {
    record.apply(this, call);
    reorder(tfjs.state.activeTape);
  } satisfies Record_);
}
