import { oneOf, widths } from '@troupe/core';

/** Settings of the networks of agents, for the tables of learners: each may put values and sources of its own in their place. */
export const networkSettings = {
  hidden: widths([64, 64], 'widths of the hidden layers'),
  activation: oneOf(['relu', 'tanh', 'elu'], 'relu', 'after each hidden layer'),
  sharing: oneOf(
    ['separate', 'shared', 'sharedWithIds'],
    'separate',
    'whose weights the agents of a group use: each its own, all the same, or all the same with a one-hot agent id appended to the observation',
  ),
} as const;
