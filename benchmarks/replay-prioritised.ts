import { prioritised, replay, type Sampler } from '@troupe/buffers';
import { box, discrete, rng, type Rng } from '@troupe/core';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';
import { filledReplay, soloGroups } from './single-agent-rows.js';

const ROWS = 256;
const CALLS = 200;

/** Ranks every slot by the size of a normal error. */
const rankAll = (capacity: number, prioritise: NonNullable<Sampler['prioritise']>, stream: Rng): void => {
  for (let first = 0; first < capacity; first += 1000) {
    const index = Int32Array.from({ length: Math.min(1000, capacity - first) }, (_, k) => first + k);
    prioritise(index, ndarray(stream.fillNormal(new Float32Array(index.length)), [index.length]));
  }
};

/** Slots and weights, and their new priorities: the peer's work. */
const ofSampler = (capacity: number): Contestant => {
  const sampler = prioritised()(capacity);
  const stream = rng(2);
  sampler.put(0, capacity);
  rankAll(capacity, (index, error) => sampler.prioritise!(index, error), stream);
  const [slots, weights] = [new Int32Array(ROWS), new Float32Array(ROWS)];
  const error = ndarray(new Float32Array(ROWS), [ROWS]);
  return {
    runtime: `of ${capacity.toLocaleString('en')}`,
    config: { capacity, batch: ROWS, gathered: false },
    round: () =>
      medianCall(CALLS, () => {
        sampler.draw(slots, weights, stream, undefined);
        stream.fillNormal(error.data);
        sampler.prioritise!(slots, error);
      }),
  };
};

/** The same through a buffer, whose rows are gathered, too. */
const ofBuffer = (capacity: number): Contestant => {
  const groups = soloGroups(box([4]), discrete(2));
  const buffer = filledReplay(
    groups,
    capacity,
    4,
    (rows, stream) => Int32Array.from({ length: rows }, () => stream.int(2)),
    () => replay(groups, { capacity, sampler: prioritised() }),
  );
  const stream = rng(2);
  rankAll(capacity, (index, error) => buffer.prioritise(index, error), stream);
  const error = ndarray(new Float32Array(ROWS), [ROWS]);
  return {
    runtime: `rows, too`,
    config: { capacity, batch: ROWS, gathered: true, bytesPerRow: buffer.bytesPerRow },
    round: () =>
      medianCall(CALLS, () => {
        const { index } = buffer.sample(ROWS, stream);
        stream.fillNormal(error.data);
        buffer.prioritise(index!, error);
      }),
  };
};

/** 256 draws by priority, with weights, and their new priorities. The smaller ones show how the time grows. */
export const replayPrioritised: Benchmark = {
  name: 'replay-prioritised',
  about: `${ROWS} slots of a million drawn by priority, with weights, and ranked anew; then of fewer, and with their rows`,
  contestants: () => [...[1_000_000, 100_000, 10_000, 1000].map(ofSampler), ofBuffer(1_000_000)],
  peer: { args: ['replay-sample', '--kind', 'prioritised'], idiomatic: ['tree2'] },
};
