import type ndarray from 'ndarray';
import { copyInto } from '../strided.js';
import type { Rule } from './breach.js';
import type { Group, Groups } from '../env.js';
import { boundOf, choicesOf, shapeOf, sizeOf, type Space } from '../space.js';
import { headsOf } from '../vectorize/space-value.js';
import { slotsOf, type GroupObservation, type JointObservation, type VecEnv, type VecStep } from '../vec.js';

/** Takes down a broken rule, with what was expected and what came. */
export type Report = (rule: Rule, message: string) => void;

type View = ndarray.NdArray<Float32Array | Uint8Array>;

/** Numbers of a view that has the type and shape expected, or undefined after a report. */
const numbersOf = (
  where: string,
  view: View | undefined,
  type: 'float32' | 'uint8',
  shape: readonly number[],
  report: Report,
): Float64Array | undefined => {
  const expected = `${where}: expected ${type} [${shape.join(', ')}]`;
  if (view === undefined || !('stride' in view)) {
    report('shapes', `${expected}, got ${view === undefined ? 'nothing' : 'no ndarray'}`);
    return undefined;
  }
  if (view.dtype !== type || view.shape.join() !== shape.join()) {
    report('shapes', `${expected}, got ${view.dtype} [${view.shape.join(', ')}]`);
    return undefined;
  }
  const out = new Float64Array(view.size);
  copyInto(out, 0, view);
  return out;
};

/** Checks one value of a space: finite, choices in range, numbers within their bounds (as float32). */
const inspectValue = (where: string, space: Space, values: Float64Array, at: number, report: Report): void => {
  const real = space.kind === 'box' ? space : space.kind === 'hybrid' ? space.box : undefined;
  const reals = real ? sizeOf(real) : 0;
  for (let i = 0; i < reals; i++) {
    const x = values[at + i]!;
    const [low, high] = [boundOf(real!.low, i), boundOf(real!.high, i)];
    if (!Number.isFinite(x)) report('observation', `${where}, component ${i}: expected a finite number, got ${x}`);
    else if (x < Math.fround(low) || x > Math.fround(high)) {
      report('bounds', `${where}, component ${i}: expected a number in [${low}, ${high}], as its space says, got ${x}`);
    }
  }
  headsOf(space).forEach((n, head) => {
    const x = values[at + reals + head]!;
    if (!Number.isInteger(x) || x < 0 || x >= n) {
      report('observation', `${where}, component ${reals + head}: expected an integer in [0, ${n}), got ${x}`);
    }
  });
};

const inspectMask = (where: string, group: Group, values: Float64Array, at: number, report: Report): void => {
  let k = at;
  headsOf(group.action).forEach((n, head) => {
    const mask = values.subarray(k, k + n);
    k += n;
    if (mask.some((x) => x !== 0 && x !== 1))
      report('legal', `${where}, head ${head}: expected 0 or 1, got ${mask.join()}`);
    else if (!mask.includes(1))
      report('legal', `${where}, head ${head}: expected at least one permitted choice, got none`);
  });
};

const inspectGroup = (
  where: string,
  env: VecEnv<Groups>,
  group: Group,
  seen: GroupObservation,
  report: Report,
): Float64Array | undefined => {
  const [e, n] = [env.numEnvs, slotsOf(group.agents)];
  const size = sizeOf(group.observation);
  const observation = numbersOf(
    `${where}: observation`,
    seen.observation,
    'float32',
    [e, n, ...shapeOf(group.observation)],
    report,
  );
  const active = numbersOf(`${where}: active`, seen.active, 'uint8', [e, n], report);
  const choices = choicesOf(group.action);
  const legal = seen.legal && numbersOf(`${where}: legal`, seen.legal, 'uint8', [e, n, choices], report);
  if (seen.legal && choices === 0) report('shapes', `${where}: expected no legal for a space without choices, got one`);
  active?.forEach((x, row) => {
    const place = `${where}, environment ${Math.floor(row / n)}, slot ${row % n}`;
    if (x !== 0 && x !== 1) report('shapes', `${place}: expected active to be 0 or 1, got ${x}`);
    if (x !== 1) return;
    if (observation) inspectValue(`${place}: observation`, group.observation, observation, row * size, report);
    if (legal) inspectMask(`${place}: legal`, group, legal, row * choices, report);
  });
  return active;
};

/** Checks everything that is seen at one moment. Returns who lives, by group. */
export const inspectFrame = (
  where: string,
  env: VecEnv<Groups>,
  frame: JointObservation<Groups>,
  report: Report,
): Readonly<Record<string, Float64Array>> => {
  const alive: Record<string, Float64Array> = {};
  const names = Object.keys(env.groups);
  for (const name of names) {
    const seen = frame[name];
    if (!seen) {
      report('groups', `${where}: expected the groups ${names.join(', ')}, got none named '${name}'`);
      continue;
    }
    const active = inspectGroup(`${where}, group '${name}'`, env, env.groups[name]!, seen, report);
    if (active) alive[name] = active;
    inspectState(`${where}, group '${name}'`, env, seen, frame[names[0]!], report);
  }
  return alive;
};

const inspectState = (
  where: string,
  env: VecEnv<Groups>,
  { state }: GroupObservation,
  first: GroupObservation | undefined,
  report: Report,
): void => {
  const { stateSpace } = env;
  if ((state === undefined) !== (stateSpace === undefined)) {
    report('state', `${where}: expected state and stateSpace together, got ${state ? 'state' : 'stateSpace'} alone`);
    return;
  }
  if (!state || !stateSpace) return;
  if (state.data !== first?.state?.data || state.offset !== first.state.offset) {
    report('state', `${where}: expected state to be the same array in every group`);
  }
  const values = numbersOf(`${where}: state`, state, 'float32', [env.numEnvs, ...shapeOf(stateSpace)], report);
  const size = sizeOf(stateSpace);
  for (let e = 0; values && e < env.numEnvs; e++) {
    inspectValue(`${where}, environment ${e}: state`, stateSpace, values, e * size, (rule, message) =>
      report(rule === 'observation' ? 'state' : rule, message),
    );
  }
};

/** Checks the numbers of a step. `before` is who lived when it was acted. */
export const inspectStep = (
  where: string,
  env: VecEnv<Groups>,
  before: Readonly<Record<string, Float64Array>>,
  step: VecStep<Groups>,
  report: Report,
): Readonly<Record<string, Float64Array>> => {
  const { last } = step;
  if (!(last instanceof Uint8Array) || last.length !== env.numEnvs || last.some((x) => x > 1)) {
    report(
      'shapes',
      `${where}: expected last to be ${env.numEnvs} zeros and ones in a Uint8Array, got ${String(last)}`,
    );
  }
  const next = inspectFrame(`${where}, next`, env, step.next, report);
  const current = inspectFrame(`${where}, current`, env, step.current, report);
  for (const [name, { agents }] of Object.entries(env.groups)) {
    const n = slotsOf(agents);
    const shape = [env.numEnvs, n];
    const reward = numbersOf(`${where}, group '${name}': reward`, step.reward[name], 'float32', shape, report);
    const discount = numbersOf(`${where}, group '${name}': discount`, step.discount[name], 'float32', shape, report);
    for (let row = 0; row < env.numEnvs * n; row++) {
      const place = `${where}, group '${name}', environment ${Math.floor(row / n)}, slot ${row % n}`;
      const worth = discount?.[row];
      const acted = before[name]?.[row] === 1;
      const lives = next[name]?.[row] === 1;
      const over = last[Math.floor(row / n)] === 1;
      if (reward && !Number.isFinite(reward[row])) {
        report('reward', `${place}: expected a finite reward, got ${reward[row]}`);
      }
      if (worth !== undefined && worth !== 0 && worth !== 1) {
        report('discount', `${place}: expected a discount of 0 or 1, got ${worth}; a discount rate is the learner's`);
      } else if (acted && worth === 1 && !lives) {
        report('discount', `${place}: expected discount 0 where nobody lives next, got 1`);
      } else if (acted && worth === 0 && lives && !over) {
        report('discount', `${place}: expected discount 1 for the living while the episode goes on, got 0`);
      }
      if (!('max' in agents) && !acted && lives) {
        report('agents', `${place}: expected the dead of a fixed cast to stay dead until the episode ends`);
      }
    }
  }
  return current;
};
