import {
  defineLearner,
  elements,
  emptyAction,
  epsilonGreedy,
  linearSchedule,
  orThrow,
  policiesOf,
  requireGroups,
  slotsOf,
  sizeOf,
  type Act,
  type Batch,
  type Discrete,
  type GroupAction,
  type GroupBatch,
  type GroupObservation,
  type GroupsActing,
  type Learner,
  type Policy,
} from '@troupe/core';
import ndarray from 'ndarray';
import { greedyChoice } from '../greedy.js';
import { tableOf, type TableStates } from '../linear/features.js';
import { decodeOpponentModels, type OpponentModelConfig } from './opponent-settings.js';
import { expectedValues, playersOf } from './opponent-table.js';

/** What `opponentModels` knows: plain data at rest. n players, S states, J joint actions. */
export interface OpponentState {
  /** [n, S, J]: every player's value of every joint action, in double precision. */
  readonly values: Float64Array;
  /** [S, Σ A_i]: how often every choice of every player was seen. */
  readonly counts: Float64Array;
  /** [S, J]: how often every joint action was met. */
  readonly visits: Float64Array;
  /** Updates made so far. */
  readonly updates: number;
}

/** Settings of `opponentModels`: those of the table, and how observations name states. */
export interface OpponentModelOptions extends Partial<OpponentModelConfig> {
  /** For observations that do not name states by themselves. */
  readonly states?: TableStates;
}

/**
 * Joint-action learners with models of the others: every agent keeps a table of its own value of joint actions and counts
 * what the others choose in every state; it acts, and values the next state, by what it then expects of its own choices:
 * V_i(s) = max_a Σ Q_i(s, a, a₋ᵢ) Π P̂_j(a_j | s). Claus and Boutilier 1998, section 3. Each learns from its own reward, so
 * any game will do; all groups must see the same state, as in `tabularWorld` and `tabularTeam`. States are named by
 * discrete observations, one-hot boxes, or `states`. Rows in which somebody is not active are left out. Throws a
 * RangeError for settings out of range, actions that are not one choice, and tables of more than `limit` entries.
 */
export const opponentModels = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: OpponentModelOptions = {},
): Learner<G, OpponentState, Batch<G>> => {
  requireGroups('opponentModels', groups);
  const { states: named, ...settings } = options;
  const config = orThrow('opponentModels')(decodeOpponentModels(settings));
  let n = 0;
  const seats = Object.entries(groups).map(([name, group]) => {
    const { action } = group;
    if (action.kind !== 'discrete') {
      throw new RangeError(`opponentModels: expected group '${name}' to make one choice of n (discrete), got ${(action as { kind: string }).kind}`); // prettier-ignore
    }
    const slots = slotsOf(group.agents);
    const first = (n += slots) - slots;
    return { name, slots, first, choices: action.n, width: sizeOf(group.observation), features: tableOf(group.observation, named) }; // prettier-ignore
  });
  const players = playersOf(seats.flatMap(({ slots, choices }) => new Array<number>(slots).fill(choices)));
  const { joint: J, total, choices, offsets } = players;
  const [lead] = seats;
  const S = lead!.features.size;
  if (!(S * J <= config.limit)) {
    throw new RangeError(`opponentModels: expected at most ${config.limit} entries of a table, got ${S} states times ${J} joint actions`); // prettier-ignore
  }
  const [index, ones, expected] = [new Int32Array(1), new Float64Array(1), new Float64Array(Math.max(...choices))];
  /** State of row r of a group, from its first agent. */
  const stateAt = ({ features, width, slots }: (typeof seats)[number], seen: Float32Array, r: number): number => {
    features.write(seen, r * slots * width, index, ones);
    return index[0]!;
  };
  const expect = (state: OpponentState, i: number, s: number): void =>
    expectedValues(players, i, state.values, (i * S + s) * J, state.counts, s * total, expected);
  const begin = (): OpponentState => ({
    values: new Float64Array(n * S * J),
    counts: new Float64Array(S * total).fill(config.prior),
    visits: new Float64Array(S * J),
    updates: 0,
  });

  const learn = (state: OpponentState, batch: Batch<G>, errors: Float32Array) => {
    const { values, counts, visits } = state;
    const rows = seats.map((seat) => batch.groups[seat.name] as GroupBatch);
    const read = rows.map((row) => ({
      active: elements(row.active),
      action: elements(row.action as ndarray.NdArray<Int32Array>),
      reward: elements(row.reward),
      discount: elements(row.discount),
    }));
    const [now, next] = [elements(rows[0]!.observation), elements(rows[0]!.next.observation)];
    const sums = { loss: 0, value: 0, error: 0, rows: 0 };
    for (let r = 0; r < errors.length; r++) {
      if (read.some(({ active }, g) => active.subarray(r * seats[g]!.slots, (r + 1) * seats[g]!.slots).includes(0))) continue; // prettier-ignore
      const [s, after] = [stateAt(lead!, now, r), stateAt(lead!, next, r)];
      let j = 0;
      const from = s * total;
      for (let k = 0; config.forgetting > 0 && k < total; k++) counts[from + k]! *= 1 - config.forgetting;
      seats.forEach(({ slots, first, choices: own }, g) => {
        for (let slot = 0; slot < slots; slot++) {
          const a = read[g]!.action[r * slots + slot]!;
          j = j * own + a;
          counts[from + offsets[first + slot]! + a]! += 1;
        }
      });
      const met = (visits[s * J + j]! += 1);
      const rate = config.learningRate / met ** config.visitPower;
      seats.forEach(({ slots, first }, g) => {
        for (let slot = 0; slot < slots; slot++) {
          const i = first + slot;
          const at = (i * S + s) * J + j;
          expect(state, i, after);
          const future = expected[greedyChoice(expected, 0, choices[i]!)]!;
          const { reward, discount } = read[g]!;
          const target = reward[r * slots + slot]! + config.discount * discount[r * slots + slot]! * future;
          const error = target - values[at]!;
          values[at]! += rate * error;
          errors[r]! += Math.abs(error) / n;
          sums.loss += error * error;
          sums.error += Math.abs(error);
          sums.value += values[at]!;
          sums.rows += 1;
        }
      });
    }
    return sums;
  };

  const seatOf = new Map(seats.map((seat) => [seat.name, seat]));
  const policyOf = <A extends GroupsActing<Discrete>[string]>(
    group: A,
    seat: (typeof seats)[number],
    given: OpponentState,
    exploring: boolean,
  ): Policy<A, OpponentState> => {
    const explore = epsilonGreedy(group, linearSchedule(config.epsilonStart, config.epsilonEnd, config.epsilonFraction)); // prettier-ignore
    let state = given;
    let action: GroupAction<A> | undefined;
    return {
      act(seen: GroupObservation, rng, clock): Act<A> {
        const numEnvs = seen.active.shape[0]!;
        if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
        const observation = elements(seen.observation);
        const legal = seen.legal && elements(seen.legal);
        for (let e = 0; e < numEnvs; e++) {
          const s = stateAt(seat, observation, e);
          for (let slot = 0; slot < seat.slots; slot++) {
            expect(state, seat.first + slot, s);
            const row = e * seat.slots + slot;
            action.data[row] = greedyChoice(expected, 0, seat.choices, legal, row * seat.choices);
          }
        }
        if (exploring) explore.perturb(action.data, numEnvs, legal, rng, clock);
        return { action };
      },
      update(next) {
        state = next;
      },
    };
  };

  return defineLearner('opponentModels', 'rows', {
    init: begin,
    policies: (state, mode) =>
      policiesOf(groups, (group, name) => policyOf(group, seatOf.get(name)!, state, mode === 'explore')),
    update(state, batch) {
      const { updates } = state;
      if (Number.isNaN(updates)) {
        throw new TypeError('opponentModels: expected a state that no update has consumed, got one that was (structuredClone a state to keep it)'); // prettier-ignore
      }
      const errors = new Float32Array(batch.last.length);
      const { loss, value, error, rows } = learn(state, batch, errors);
      const count = Math.max(rows, 1);
      const metrics = { loss: loss / count, value: value / count, error: error / count };
      const next = { ...state, updates: updates + 1 };
      // The arrays live on in the next state.
      (state as { updates: number }).updates = NaN;
      return [next, metrics, ndarray(errors, [errors.length])];
    },
  });
};
