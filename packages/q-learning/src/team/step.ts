import * as tf from '@tensorflow/tfjs-core';
import type { Box } from '@troupe/core';
import { tdTarget } from '@troupe/losses';
import { encode, maskLogits, modeOneHot, stackRole, unstackRole } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { fit, timeOf } from '../regression/fit.js';
import type { RowInput, ValueCarry, ValueInput, ValueOutput } from '../regression/types.js';
import type { Member, Team } from './crew.js';
import type { VdnConfig } from './settings.js';
import { teamRows } from './rows.js';

/** The weights of every member's agents [P] × C each, then those of the mixing network [M]. */
const partsOf = ({ members, mixer }: Team, theta: tf.Tensor1D) => {
  const sizes = members.flatMap(({ agents }) => new Array<number>(agents.copies).fill(agents.network.size));
  const all = mixer.size > 0 ? [...sizes, mixer.size] : sizes;
  const parts = all.length === 1 ? [theta] : tf.split<tf.Tensor1D>(theta, all);
  let next = 0;
  return {
    agents: members.map(({ agents }) => parts.slice(next, (next += agents.copies))),
    mixer: mixer.size > 0 ? parts.at(-1)! : theta,
  };
};

const float = <T extends tf.Tensor>(x: tf.Tensor): T => tf.cast(x, 'float32') as T;

/** The value of one choice per agent, one-hot in `choice` [B, N, A]; 0 for agents that are not active. [B, N] */
const valuesAt = (q: tf.Tensor3D, choice: tf.Tensor3D, active: tf.Tensor): tf.Tensor2D =>
  tf.mul(tf.sum<tf.Tensor2D>(tf.mul(q, choice), 2), float(active));

const oneHot = (action: tf.Tensor, choices: number): tf.Tensor3D => {
  const [rows, slots] = action.shape as [number, number];
  const flat = tf.cast<tf.Tensor1D>(tf.reshape(action, [rows * slots]), 'int32');
  return tf.reshape(tf.oneHot(flat, choices, 1, 0, 'float32'), [rows, slots, choices]);
};

/** What the members see, one after another: [B, S]. */
const joined = (members: readonly Member[], seen: readonly tf.Tensor[]): tf.Tensor2D => {
  const each = seen.map((x, k) => {
    const [rows, slots] = x.shape as [number, number];
    const encoded = encode(members[k]!.observation, tf.reshape(x, [rows * slots, x.size / (rows * slots)]));
    return tf.reshape<tf.Rank.R2>(encoded, [rows, slots * encoded.shape[1]]);
  });
  return each.length === 1 ? each[0]! : tf.concat2d(each, 1);
};
const joinValues = (each: readonly tf.Tensor2D[]): tf.Tensor2D => (each.length === 1 ? each[0]! : tf.concat2d([...each], 1)); // prettier-ignore

/**
 * The update of teams whose value is a mixture of their agents': the temporal-difference error of the mixture, on the
 * team's reward, goes back into all of them. The best joint choice is everybody's own best. Sunehag et al. 2018,
 * equation 4; Rashid et al. 2018, equation 6.
 */
export const teamStep = (
  teams: readonly Team[],
  config: VdnConfig,
  stateSpace: Box | undefined,
): Step<ValueCarry, ValueInput, ValueOutput> => {
  const learn = (team: Team, carry: ValueCarry, input: ValueInput) => {
    const { members, mixer } = team;
    const rows = members.map(({ name }): RowInput => input.groups[name]!);
    const [part] = unstackRole(carry[team.name]!);
    const qOf = (thetas: readonly (readonly tf.Tensor1D[])[], of: (row: RowInput) => tf.Tensor): tf.Tensor3D[] =>
      members.map(({ agents }, k) => agents.apply(thetas[k]!, agents.encode(of(rows[k]!))));
    const stateOf = (own: 'state' | 'nextState', seen: 'observation' | 'nextObservation'): tf.Tensor2D => {
      if (!stateSpace) return joined(members, rows.map((row) => row[seen])); // prettier-ignore
      const state = rows[0]![own]!;
      return encode(stateSpace, tf.reshape(state, [state.shape[0], state.size / state.shape[0]]));
    };
    const { reward, discount, active } = teamRows(rows, config.teamReward);
    const taken = rows.map(({ action }, k) => oneHot(action, members[k]!.choices));
    const [state, nextState] = [stateOf('state', 'observation'), stateOf('nextState', 'nextObservation')];

    const target = partsOf(team, part!.target);
    const online = partsOf(team, part!.theta);
    const nextQ = qOf(target.agents, (row) => row.nextObservation);
    const preferring = config.double === 'online' ? qOf(online.agents, (row) => row.nextObservation) : nextQ;
    const nextValues = nextQ.map((q, k) => {
      const [b, slots, choices] = q.shape;
      const { nextLegal, nextActive } = rows[k]! as RowInput & { readonly nextLegal?: tf.Tensor };
      const best = modeOneHot(tf.reshape(maskLogits(preferring[k]!, nextLegal), [b * slots, choices]));
      return valuesAt(q, tf.reshape(best, [b, slots, choices]), nextActive);
    });
    const nextValue = mixer.apply(target.mixer, { values: joinValues(nextValues), state: nextState });
    return {
      active,
      name: team.name,
      fitted: fit(part!, config, timeOf(input), {
        target: tdTarget({ reward, discount, nextValue, gamma: config.discount }),
        active,
        weight: input['weight'] as tf.Tensor1D | undefined,
        predict(theta) {
          const now = partsOf(team, theta);
          const values = qOf(now.agents, (row) => row.observation).map((q, k) =>
            valuesAt(q, taken[k]!, rows[k]!.active),
          );
          return mixer.apply(now.mixer, { values: joinValues(values), state });
        },
      }),
      role: stackRole([part!]),
    };
  };

  return (carry, input) => {
    const learnt = teams.map((team) => learn(team, carry, input));
    const sizes = learnt.map(({ fitted, active }) => tf.mul(tf.abs(fitted.error), active));
    const add = (xs: readonly tf.Tensor[]) => xs.reduce((a, b) => tf.add(a, b));
    return {
      carry: Object.fromEntries(learnt.map(({ name, role }) => [name, role])),
      output: {
        metrics: tf.stack(
          learnt[0]!.fitted.metrics.map((_, m) => tf.stack(learnt.map(({ fitted }) => fitted.metrics[m]!))),
        ),
        error: tf.div(add(sizes), tf.maximum(add(learnt.map(({ active }) => active)), 1)),
      },
    };
  };
};
