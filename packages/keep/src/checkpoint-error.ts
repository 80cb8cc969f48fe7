/**
 * Why a checkpoint is not loaded. `damaged`: incomplete, cut or changed; `foreign`: not a checkpoint of this library;
 * `newer`: written by a newer version of the format; `different`: of a run with another configuration.
 */
export type CheckpointFault = 'damaged' | 'foreign' | 'newer' | 'different';

/** A checkpoint that cannot be used. The message names the checkpoint, the file and the reason. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  /** What is wrong, for programs. */
  readonly fault: CheckpointFault;

  constructor(fault: CheckpointFault, where: string, reason: string) {
    super(`${where}: ${reason}`);
    this.fault = fault;
  }
}
