import * as tf from '@tensorflow/tfjs-core';
import type { Network, Params, Weights } from '@troupe/core';
import { mlp } from '@troupe/networks';

/** What a mixing network is given. */
export interface MixerInput {
  /** [B, n]; the value that every agent of the team gives to its choice, 0 for those that are not active. */
  readonly values: tf.Tensor2D;
  /** [B, S] */
  readonly state: tf.Tensor2D;
}

/** What a factory of mixing networks is told. */
export interface MixerSizes {
  /** Name of the team. */
  readonly team: string;
  /** n */
  readonly agents: number;
  /** S */
  readonly state: number;
}

/** Value of a team from those of its agents. [B, n] and [B, S] → [B]. */
export type Mixer = Network<MixerInput, tf.Tensor1D>;

/** Names of one network's weights inside a larger one. */
const prefixed = (prefix: string, weights: Weights): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [`${prefix}/${name}`, weight]));
const within = (prefix: string, params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), value] as const] : [],
    ),
  );

/**
 * Monotone mixing of QMIX. Rashid et al. 2018 (arXiv 1803.11485), section 4: Q_tot = ELU(q W₁ + b₁) W₂ + b₂ where the
 * state makes W₁, b₁, W₂ and b₂, and weights are made positive by |·|. So ∂Q_tot/∂Q_i >= 0: each agent's own best choice
 * is its part of the best joint choice.
 */
export const monotoneMixer = (
  { agents, state }: MixerSizes,
  { embed, hypernetwork }: { readonly embed: number; readonly hypernetwork: readonly number[] },
): Mixer => {
  const parts = {
    w1: mlp({ inputs: state, hidden: hypernetwork, outputs: agents * embed }),
    b1: mlp({ inputs: state, hidden: [], outputs: embed }),
    w2: mlp({ inputs: state, hidden: hypernetwork, outputs: embed }),
    b2: mlp({ inputs: state, hidden: [embed], outputs: 1 }),
  };
  return {
    init: (rng) =>
      Object.assign({}, ...Object.entries(parts).map(([name, part]) => prefixed(name, part.init(rng.split(name))))) as Weights, // prettier-ignore
    apply(params, { values, state: seen }) {
      const rows = values.shape[0];
      const made = (name: keyof typeof parts) => parts[name].apply(within(name, params), seen);
      const w1: tf.Tensor3D = tf.reshape(tf.abs(made('w1')), [rows, agents, embed]);
      const mixed = tf.reshape(tf.matMul(tf.reshape(values, [rows, 1, agents]), w1), [rows, embed]);
      const hidden = tf.elu(tf.add(mixed, made('b1')));
      const total = tf.sum(tf.mul(hidden, tf.abs(made('w2'))), 1);
      return tf.add<tf.Tensor1D>(total, tf.reshape(made('b2'), [rows]));
    },
  };
};

/** The sum, which has no weights. Sunehag et al. 2018 (arXiv 1706.05296), equation 3. */
export const additiveMixer: Mixer = {
  init: () => ({}),
  apply: (_params, { values }) => tf.sum(values, 1),
};
