/** Every learner that there is learns a little in a stranger's world. Prints how many updates each has made. */
import { strict as assert } from 'node:assert';
import { replay } from '@troupe/buffers';
import {
  asOneAgent,
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  independent,
  offPolicy,
  onPolicy,
  only,
  rng,
  vectorize,
  type Groups,
  type Progress,
} from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import {
  continuousDqn,
  dqn,
  jointly,
  linearQ,
  naf,
  opponentModels,
  qmix,
  recurrentDqn,
  tabularQ,
  vdn,
} from '@troupe/q-learning';
import { onnx } from '@troupe/runtime-node';
import { a2c, coma, happo, hatrpo, ippo, maa2c, mappo, ppo, trpo } from '@troupe/trust-region';
import { reinforce } from './reinforce.js';

const runtime = onnx();

/** Two guards each name a number; both are paid if it is the one that they see. */
const guards = () => {
  let shown = 0;
  const look = () => ({ east: { ann: [shown] }, west: { bob: [shown] } });
  return defineEnv({
    groups: {
      east: { agents: ['ann'], observation: box([1]), action: discrete(3) },
      west: { agents: ['bob'], observation: box([1]), action: discrete(3) },
    },
    reset: (stream) => {
      shown = stream.int(3);
      return look();
    },
    step: ({ east, west }) => {
      const reward = east.ann === shown && west.bob === shown ? 1 : 0;
      return {
        observations: look(),
        rewards: { east: { ann: reward }, west: { bob: reward } },
        terminated: true,
        truncated: false,
      };
    },
  });
};
/** Turns a dial to what it shows, in a single number. */
const dial = () => {
  let shown = 0;
  return defineSingleAgentEnv({
    observation: box([1]),
    action: box([1], { low: -1, high: 1 }),
    reset: (stream) => [(shown = stream.uniform())],
    step: ([turned]) => ({
      observation: [shown],
      reward: -Math.abs(turned! - shown),
      terminated: true,
      truncated: false,
    }),
  });
};
const dials = vectorize(dial, { numEnvs: 4 });
const dialRows = () => ({ ...rows(), env: dials, buffer: replay(dials.groups, { capacity: 100 }) });

const env = vectorize(guards, { numEnvs: 4 });
const oneForAll = asOneAgent(vectorize(guards, { numEnvs: 4 }));
const { groups } = env;
const { east, west } = groups;
const rows = () => ({
  env,
  buffer: replay(groups, { capacity: 100 }),
  rng: rng(0),
  steps: 200,
  batchSize: 16,
  updateEvery: 10,
});

const rollouts = () => ({ env, rng: rng(0), steps: 200, horizon: 10 });
const small = { runtime, hidden: [8] };

/** By the name of what makes the learner. */
const trainings: Readonly<Record<string, AsyncIterable<Progress<Groups>>>> = {
  maddpg: offPolicy({ ...rows(), learner: maddpg(groups, { runtime, hidden: [8] }) }),
  dqn: offPolicy({ ...rows(), learner: dqn(groups, { runtime, hidden: [8] }) }),
  recurrentDqn: onPolicy({
    env,
    learner: recurrentDqn(groups, { runtime, hidden: [8], width: 8, burnIn: 1 }),
    rng: rng(0),
    steps: 200,
    horizon: 5,
  }),
  tabularQ: offPolicy({
    ...rows(),
    learner: tabularQ(groups, { states: { count: 3, of: (seen) => seen[0] ?? 0 } }),
  }),
  linearQ: offPolicy({ ...rows(), learner: linearQ(groups, { size: 2, features: (seen) => [1, seen[0] ?? 0] }) }),
  naf: offPolicy({ ...dialRows(), learner: naf(dials.groups, { runtime, hidden: [8] }) }),
  continuousDqn: offPolicy({ ...dialRows(), learner: continuousDqn(dials.groups, { runtime, hidden: [8] }) }),
  vdn: offPolicy({ ...rows(), learner: vdn(groups, { runtime, hidden: [8], teams: [['east', 'west']] }) }),
  qmix: offPolicy({ ...rows(), learner: qmix(groups, { runtime, hidden: [8], teams: [['east', 'west']] }) }),
  jointly: offPolicy({ ...rows(), learner: jointly(groups, (joint) => dqn(joint, { runtime, hidden: [8] })) }),
  opponentModels: offPolicy({
    ...rows(),
    learner: opponentModels(groups, { states: { count: 3, of: (seen) => seen[0] ?? 0 } }),
  }),
  ppo: onPolicy({ ...rollouts(), learner: ppo(groups, small) }),
  trpo: onPolicy({ ...rollouts(), env: dials, learner: trpo(dials.groups, { ...small, squash: true }) }),
  ippo: onPolicy({ ...rollouts(), learner: ippo(groups, small) }),
  mappo: onPolicy({ ...rollouts(), learner: mappo(groups, small) }),
  happo: onPolicy({ ...rollouts(), learner: happo(groups, small) }),
  hatrpo: onPolicy({ ...rollouts(), learner: hatrpo(groups, { ...small, cgIterations: 3 }) }),
  a2c: onPolicy({ ...rollouts(), learner: a2c(groups, small) }),
  maa2c: onPolicy({ ...rollouts(), learner: maa2c(groups, small) }),
  coma: onPolicy({ ...rollouts(), learner: coma(groups, small) }),
  'asOneAgent, ppo': onPolicy({ ...rollouts(), env: oneForAll, learner: ppo(oneForAll.groups, small) }),
  'reinforce, written here': onPolicy({ ...rollouts(), learner: reinforce(groups, { runtime }) }),
  'independent, only': offPolicy({
    ...rows(),
    learner: only(
      independent({
        east: maddpg({ east }, { runtime, hidden: [8] }),
        west: maddpg({ west }, { runtime, hidden: [8] }),
      }),
      'east',
    ),
  }),
};

const updates: Record<string, number> = {};
for (const [name, training] of Object.entries(trainings)) {
  for await (const progress of training) {
    assert(Object.values(progress.metrics).every(Number.isFinite), name);
    updates[name] = progress.updates;
  }
}
console.log(JSON.stringify(updates));
