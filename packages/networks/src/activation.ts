import * as tf from '@tensorflow/tfjs-core';

/** What follows a dense layer. */
export type Activation = 'relu' | 'tanh' | 'elu' | 'sigmoid' | 'linear';

/** Activations as functions, element by element. */
export const activations: Readonly<Record<Activation, (x: tf.Tensor) => tf.Tensor>> = {
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  elu: (x) => tf.elu(x),
  sigmoid: (x) => tf.sigmoid(x),
  linear: (x) => x,
};

/** The gain that keeps the size of activations in deep networks: √2 for relu, 5/3 for tanh, else 1. PyTorch's table. */
export const gainOf = (activation: Activation): number =>
  activation === 'relu' ? Math.SQRT2 : activation === 'tanh' ? 5 / 3 : 1;
