/**
 * Programs that must not compile. Nothing here is run. What stands in backquotes must be in the compiler's message, so
 * that a program is refused for the right reason and the message says which.
 */
import { replay } from '@troupe/buffers';
import {
  evaluate,
  offPolicy,
  randomPolicy,
  rng,
  scripted,
  vectorize,
  type Batch,
  type Buffer,
  type Policy,
} from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { fromLayers } from '@troupe/networks';
import { layers } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import * as troupe from 'troupe';
import { flee } from './flee.js';
import { make, type Pursuit } from './pursuit.js';
import { RecentRows } from './recent-rows.js';

type IsAny<T> = 0 extends 1 & T ? true : false;
const known = <T>(_value: IsAny<T> extends true ? never : T): void => undefined;

export const refused = async (): Promise<void> => {
  const env = vectorize(make, { numEnvs: 4 });
  const spread = troupe.simpleSpread({ numEnvs: 4 });
  const learner = maddpg(env.groups);
  const buffer = replay(env.groups, { capacity: 100 });
  const common = { rng: rng(0), steps: 100 };
  const floats = ndarray(new Float32Array(8), [4, 2, 1]);
  const choices = ndarray(new Int32Array(4), [4, 1]);

  known(env);
  known(learner);
  known(buffer);
  known(await env.reset(rng(0)));

  // Group names.
  env.step({ hunters: floats, runners: choices });
  // @ts-expect-error there is no such group: `prey`
  env.step({ hunters: floats, prey: choices });
  // @ts-expect-error a group is missing: `runners`
  env.step({ hunters: floats });
  // @ts-expect-error no such group: `prey`
  maddpg(env.groups, { critic: { prey: 'own' } });
  // @ts-expect-error no such group: `prey`
  offPolicy({ env, learner, buffer, policies: { prey: flee }, ...common });
  // @ts-expect-error a policy for every group: `runners`
  void evaluate({ env, policies: { hunters: randomPolicy(env.groups.hunters) }, rng: rng(0), episodes: 1 });
  for await (const { episodes, metrics, state, snapshot } of offPolicy({ env, learner, buffer, ...common })) {
    known(episodes[0]?.returns.hunters);
    known(metrics);
    known(metrics['criticLoss']);
    known(state);
    known(state.carry.flat);
    known(snapshot());
    // @ts-expect-error no such group: `prey`
    void episodes[0]?.returns.prey;
  }
  const { returns } = await evaluate({
    env,
    policies: learner.policies(learner.init(rng(0)), 'exploit'),
    rng: rng(0),
    episodes: 1,
  });
  known(returns.hunters);
  // @ts-expect-error no such group: `agents`
  void returns.agents;

  // Actions.
  // @ts-expect-error choices are not `Float32Array`
  env.step({ hunters: floats, runners: ndarray(new Float32Array(4), [4, 1]) });
  // @ts-expect-error real numbers are not `Int32Array`
  env.step({ hunters: ndarray(new Int32Array(8), [4, 2, 1]), runners: choices });
  // @ts-expect-error a policy that chooses numbers where choices are wanted: `Float32Array`
  const wrong: Policy<Pursuit['runners']> = { act: () => ({ action: floats }) };
  void wrong;

  // What is made for other groups.
  // @ts-expect-error a learner made for other groups: `SpreadGroups`
  offPolicy({ env, learner: maddpg(spread.groups), buffer, ...common });
  // @ts-expect-error a buffer made for other groups: `Replay<SpreadGroups`
  offPolicy({ env, learner, buffer: replay(spread.groups, { capacity: 100 }), ...common });
  // @ts-expect-error a buffer of one's own, made for other groups: `RecentRows`
  offPolicy({ env: spread, learner: maddpg(spread.groups), buffer: new RecentRows(100), ...common });
  // @ts-expect-error a policy of another group: `readonly ["carl"]`
  offPolicy({ env, learner, buffer, policies: { hunters: flee }, ...common });
  // @ts-expect-error a learner of batches in a loop of rollouts: `Rollout<`
  troupe.onPolicy({ env, learner, horizon: 5, ...common });
  // @ts-expect-error a buffer that does not say how many it holds: `size`
  const sizeless: Buffer<Batch<Pursuit>> = {
    capacity: 1,
    add: () => undefined,
    sample: () => buffer.sample(1, rng(0)),
  };
  void sizeless;

  // Settings.
  // @ts-expect-error misspelt: `learningrateActor`
  maddpg(env.groups, { learningrateActor: 0.01 });
  // @ts-expect-error no such value: `joined`
  maddpg(env.groups, { critic: 'joined' });
  // @ts-expect-error misspelt: `bufferSize`
  offPolicy({ env, learner, buffer, bufferSize: 32, ...common });
  // @ts-expect-error misspelt: `cycles`
  troupe.simpleSpread({ cycles: 10 });
  // @ts-expect-error what has to be given: `capacity`
  replay(env.groups, {});
  // @ts-expect-error a layer is no model: `LayersModel`
  maddpg(env.groups, { networks: { critic: () => fromLayers(layers.dense({ units: 1 })) } });
  // @ts-expect-error misspelt: `actors`
  maddpg(env.groups, { networks: { actors: () => troupe.mlp({ inputs: 3, hidden: [], outputs: 1 }) } });
  // @ts-expect-error scripts answer with numbers: `string`
  scripted(env.groups.runners, () => 'left');
};
