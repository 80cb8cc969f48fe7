import { replay, type Replay } from '@troupe/buffers';
import { rng, type Batch, type Space } from '@troupe/core';
import ndarray from 'ndarray';

/** Groups of a single-agent task. */
export const soloGroups = <O extends Space, A extends Space>(observation: O, action: A) => ({
  agent: { agents: ['agent'] as const, observation, action },
});

/** A full buffer of normal observations and rewards, given actions, one row in fifty terminal. */
export const filledReplay = <O extends Space, A extends Space>(
  groups: ReturnType<typeof soloGroups<O, A>>,
  capacity: number,
  size: number,
  actions: (rows: number, stream: ReturnType<typeof rng>) => Int32Array | Float32Array,
  make = (): Replay<ReturnType<typeof soloGroups<O, A>>> => replay(groups, { capacity }),
): Replay<typeof groups> => {
  const stream = rng(3);
  const buffer = make();
  const rows = 1000;
  const normals = (...shape: number[]) =>
    ndarray(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
  const active = ndarray(new Uint8Array(rows).fill(1), [rows, 1]);
  while (buffer.size < capacity) {
    const action = actions(rows, stream);
    const width = action.length / rows;
    const batch = {
      groups: {
        agent: {
          observation: normals(rows, 1, size),
          active,
          action: ndarray(action, width === 1 && action instanceof Int32Array ? [rows, 1] : [rows, 1, width]),
          reward: normals(rows, 1),
          discount: ndarray(
            Float32Array.from({ length: rows }, () => (stream.uniform() > 0.02 ? 1 : 0)),
            [rows, 1],
          ),
          next: { observation: normals(rows, 1, size), active },
          extras: {},
        },
      },
      last: new Uint8Array(rows),
      env: new Int32Array(rows),
    };
    buffer.add(batch as unknown as Batch<typeof groups>);
  }
  return buffer;
};
