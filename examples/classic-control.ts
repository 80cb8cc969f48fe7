/**
 * Small worlds whose answers are known: controllers by hand and by the Riccati equation, a game solved exactly, a film.
 * Run: npx tsx examples/classic-control.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  cartPole,
  chain,
  doubleIntegrator,
  exploitability,
  linearQuadratic,
  minimaxValueIteration,
  mountainCar,
  noiseCost,
  pendulum,
  riccati,
  soccer,
  uniformPolicies,
  valueIteration,
  type SoloContinuous,
  type SoloDiscrete,
} from '@troupe/classic-control';
import ndarray from 'ndarray';
import { animateScenes, evaluate, randomPolicy, record, replayRecording, rng, scripted } from 'troupe';

const STEPS = 20_000;
const episodes = Math.ceil(STEPS / 1000);

const show = (name: string, mean: number) => console.log(`${name.padEnd(44)} ${mean.toFixed(2).padStart(9)}`);

// CartPole: linearise the environment itself, one step from states and with pushes near the upright rest.
const pole = cartPole();
const after = (values: readonly number[], push: number) => {
  pole.setWorldState(0, { values });
  pole.step({ agent: ndarray(Int32Array.of(push), [1, 1]) });
  return pole.worldState(0).values;
};
pole.reset(rng(0));
const axes = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 1e-4 : 0)));
const [left, right] = [after([0, 0, 0, 0], 0), after([0, 0, 0, 0], 1)];
const moved = axes.map((axis) => after(axis, 1).map((x, i) => (x - right[i]!) / 1e-4));
const { K } = riccati({
  A: axes.map((_, i) => moved.map((column) => column[i]!)),
  B: left.map((x, i) => [(right[i]! - x) / 2]),
  Q: [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 1 : 0))),
  R: [[1]],
});
const regulator = scripted<SoloDiscrete['agent']>(pole.groups.agent, (x) =>
  K[0]!.reduce((sum, k, i) => sum - k * x[i]!, 0) > 0 ? 1 : 0,
);
const random = randomPolicy(pole.groups.agent);
const scoreOfPole = async (agent: typeof regulator) =>
  (await evaluate({ env: pole, policies: { agent }, rng: rng(1), episodes })).returns.agent.mean;
show('CartPole, random', await scoreOfPole(random));
show('CartPole, gain of the linearised system', await scoreOfPole(regulator));

// MountainCar: push the way it goes.
const car = mountainCar();
const swing = scripted<SoloDiscrete['agent']>(car.groups.agent, ([, velocity]) => (velocity! < 0 ? 0 : 2));
const cars = await evaluate({ env: car, policies: { agent: swing }, rng: rng(1), episodes });
show('MountainCar, push the way it goes', cars.returns.agent.mean);

// Pendulum: pump energy until it is nearly up, then hold it there.
const arm = pendulum();
const lift = scripted<SoloContinuous['agent']>(arm.groups.agent, ([cos, sin, spin]) => {
  const missing = 15 * (1 - cos!) - spin! ** 2 / 2; // of the energy that it has upright, per moment of inertia
  const torque = cos! > 0.9 ? -10 * sin! - 2 * spin! : missing > 0 ? 2 * Math.sign(spin! || 1) : 0;
  return [Math.min(2, Math.max(-2, torque))];
});
const arms = await evaluate({ env: arm, policies: { agent: lift }, rng: rng(1), episodes });
show('Pendulum, pump and hold', arms.returns.agent.mean);

// A linear system: the best policy and what it costs are known exactly.
const system = linearQuadratic(doubleIntegrator, { noise: [0, 0.1], start: 0, numEnvs: 100, maxSteps: 201 });
const best = riccati(doubleIntegrator, 0.95);
const hold = ndarray(new Float64Array(100), [100, 1, 1]);
system.reset(rng(2));
let cost = 0;
for (let t = 0; t < Math.min(200, STEPS / 100); t++) {
  for (let e = 0; e < 100; e++) {
    hold.data[e] = -system.worldState(e).values.reduce((u, x, i) => u + best.K[0]![i]! * x, 0);
  }
  cost -= 0.95 ** t * (system.step({ agent: hold }).reward.agent.data.reduce((a, b) => a + b, 0) / 100);
}
const noise = [[0, 0], [0, 0.01]]; // prettier-ignore
show('Noisy double integrator, cost as played', cost);
show('Noisy double integrator, cost by the equation', noiseCost(best.P, noise, 0.95));

// Tables: Q* of the chain, and an equilibrium of Littman's soccer.
show('Chain, value before it begins', valueIteration(chain(), { discount: 0.9 }).start);
const field = soccer();
const solution = minimaxValueIteration(field, { discount: 0.9, tolerance: 1e-4 });
const gain = (policies: readonly Float64Array[]) => exploitability(field, policies, { discount: 0.9 }).mean;
show('Soccer, gain against those who play at random', gain(uniformPolicies(field)));
show('Soccer, gain against the equilibrium', gain(solution.policies));

const recording = await record(arm, { agent: lift }, { seed: 3, episodes: 2 });
const film = (await replayRecording(arm, recording)).map(({ scenes, returns }, k) => ({
  scenes,
  caption: `episode ${k + 1}, return ${returns.agent.toFixed(0)}`,
}));
mkdirSync('output', { recursive: true });
writeFileSync('output/classic-control.svg', animateScenes(film, { title: 'Pendulum', fps: 20 }));
console.log('output/classic-control.svg shows the pendulum');
