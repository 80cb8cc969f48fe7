import { sizeOf, type Box, type GroupBatch, type Groups, type Rollout } from '@troupe/core';
import { requireWholeSequences, type Remembering } from './sequences.js';
import type { Team } from './teams.js';

/** What learns in parts, and how long the sequences are that it learns from. */
export interface Parted extends Pick<Remembering, 'sequenceLength'> {
  /** Such as `critic 'team'`. */
  readonly name: string;
  /** How many. */
  readonly parts: number;
}

/** Rows of one group. Throws a TypeError that begins with `where` if the rollout has none. */
export const rowsOf = (where: string, { batch: { groups } }: Rollout<Groups>, name: string): GroupBatch => {
  const rows = groups[name];
  if (rows) return rows;
  throw new TypeError(
    `${where}: expected rows of group '${name}' in the rollout, got groups ${Object.keys(groups).join(', ')}`,
  );
};

/** Throws a TypeError where the rows of group `name` have no state now and next, a RangeError for one of another size. */
export const requireState = (where: string, rollout: Rollout<Groups>, name: string, space: Box): void => {
  const { state, next } = rowsOf(where, rollout, name);
  if (!state || !next.state) {
    throw new TypeError(`${where}: expected a state in the rollout, as stateSpace was given; the environment has none`);
  }
  const size = state.size / state.shape[0]!;
  if (size !== sizeOf(space)) {
    throw new RangeError(
      `${where}: expected states of ${sizeOf(space)} numbers, as stateSpace says, got ${size} in the rollout`,
    );
  }
};

const requireExtras = (where: string, rollout: Rollout<Groups>, team: Team, squashed: boolean): void => {
  const { extras } = rowsOf(where, rollout, team.name);
  if (team.memory > 0 && !extras['memory']) {
    throw new TypeError(
      `${where}: expected extras.memory of group '${team.name}', what its agents remembered; policies of this learner give it when exploring`,
    );
  }
  const gaussian = team.policy.head.some(({ kind }) => kind === 'gaussian');
  if (squashed && gaussian && !extras['drawn']) {
    throw new TypeError(
      `${where}: expected extras.drawn of group '${team.name}', what squashed actions were before tanh; policies of this learner give it when exploring`,
    );
  }
};

/**
 * Looks at a rollout before anything is learnt from it, so that a wrong one leaves the state as it was. Throws a
 * TypeError for rows, states or memories that are missing, a RangeError for states of another size, sequences that do
 * not fill the rollout, and more parts than there are rows or sequences.
 */
export const requireRollout = (
  rollout: Rollout<Groups>,
  told: {
    /** What messages begin with. */
    readonly where: string;
    readonly teams: readonly Team[];
    readonly squashed: boolean;
    /** Where a critic sees the state. */
    readonly stateSpace: Box | undefined;
    readonly parted: readonly Parted[];
  },
): void => {
  const { where, teams, squashed, stateSpace, parted } = told;
  for (const team of teams) requireExtras(where, rollout, team, squashed);
  if (stateSpace && teams[0]) requireState(where, rollout, teams[0].name, stateSpace);
  const rows = rollout.batch.last.length;
  for (const { name, parts, sequenceLength: length } of parted) {
    requireWholeSequences(where, rows, rollout.numEnvs, length);
    if (rows / length >= parts) continue;
    const got = `${rows} rows${length > 1 ? ` in sequences of ${length}` : ''}`;
    throw new RangeError(`${where}: expected rows for ${parts} ${parts > 1 ? 'parts' : 'part'} of ${name}, got ${got}`);
  }
};
