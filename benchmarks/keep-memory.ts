/**
 * `keep-memory FOLDER KIND [ROWS]`: a run with a full replay buffer in a process of its own, so that its memory can be told.
 * KIND `lent` saves it by `keep.save(progress)`, `copied` by `keep.save(progress.snapshot())`, `resumed` goes on from what
 * is in FOLDER. Prints what it measured as JSON.
 */
import { offPolicy, randomPolicy, rng, stepArrays, type Batch, type Learner, type VecEnv } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { folderStore, keeper, resume } from '@troupe/keep';
import { fullReplay, jointGroups, type JointGroups } from './joint-rows.js';

/** What that took. Bytes are of the whole process, as the operating system counts its resident memory. */
export interface SaveMemory {
  readonly bufferBytes: number;
  /** Before anything is saved or loaded. */
  readonly before: number;
  /** The most that there ever was. */
  readonly peak: number;
  readonly milliseconds: number;
}

/** A world in which nothing happens, and a learner that learns nothing: all memory is the buffer's. */
const stillWorld = (): VecEnv<JointGroups> => {
  const { step } = stepArrays(jointGroups, 1);
  return {
    groups: jointGroups,
    numEnvs: 1,
    reset: () => step.current,
    step: () => step,
    save: () => null,
    load: () => step.current,
  };
};
const idle: Learner<JointGroups, null, Batch<JointGroups>> = {
  init: () => null,
  policies: () => ({ agents: randomPolicy(jointGroups.agents) }),
  update: () => [null, {}],
};

const [folder, kind, rows = '1000000'] = process.argv.slice(2);
const peak = (): number => process.resourceUsage().maxRSS * 1024;
const store = folderStore(folder!);
const resumes = kind === 'resumed';
const buffer = resumes ? replay(jointGroups, { capacity: Number(rows) }) : fullReplay(Number(rows));
const run = { env: stillWorld(), learner: idle, buffer, rng: rng(0), warmup: 1, batchSize: 1 };
const before = peak();
let began = performance.now();
const from = resumes ? await resume<null>(store) : undefined;
for await (const progress of offPolicy({ ...run, steps: from ? 2 : 1, resume: from })) {
  if (!resumes) {
    began = performance.now();
    await keeper(store).save(kind === 'lent' ? progress : progress.snapshot());
  }
  const milliseconds = performance.now() - began;
  const measured: SaveMemory = { bufferBytes: buffer.size * buffer.bytesPerRow, before, peak: peak(), milliseconds };
  console.log(JSON.stringify(measured));
}
