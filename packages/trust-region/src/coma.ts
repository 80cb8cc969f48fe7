import {
  actingPolicy,
  choicesOf,
  defineLearner,
  elements,
  headOf,
  mapGroups,
  noiseSource,
  orThrow,
  policiesOf,
  requireGroups,
  sizeOf,
  slotsOf,
  type Box,
  type F32,
  type GroupBatch,
  type GroupObservation,
  type Groups,
  type Learner,
  type Rollout,
} from '@troupe/core';
import { gae } from '@troupe/losses';
import {
  agentActing,
  agentNetwork,
  distribution,
  encodedSize,
  gainOf,
  initialRole,
  mlp,
  networkCopies,
  optimiserOf,
} from '@troupe/networks';
import { carryOf, inTurn, leavesOf, runtimeOrDefault, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { decodeComa, type ComaConfig } from './coma-settings.js';
import {
  COMA_METRICS,
  comaStep,
  comaValues,
  criticInputs,
  type ComaCarry,
  type ComaState,
  type ComaTeam,
} from './coma-step.js';
import { requireState, rowsOf } from './rollout-check.js';

/** Settings of `coma`, and what is not a number or a name. */
export type ComaOptions = Partial<ComaConfig> & {
  /** Space of the environment's state, which critics are to see; without, all observations are joined. */
  readonly stateSpace?: Box;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
};

const teamsOf = (groups: Groups, config: ComaConfig, stateSpace: Box | undefined): readonly ComaTeam[] => {
  const all = Object.values(groups);
  const observed = all.reduce((n, group) => n + slotsOf(group.agents) * encodedSize(group.observation), 0);
  const seen = stateSpace ? sizeOf(stateSpace) : observed;
  const actions = all.reduce((n, group) => n + slotsOf(group.agents) * choicesOf(group.action), 0);
  const make = (outputGain: number) => (sizes: { readonly inputs: number; readonly outputs: number }) => {
    const { inputs, outputs } = sizes;
    const { hidden, activation } = config;
    return mlp({
      inputs,
      outputs,
      hidden,
      activation,
      initialiser: 'orthogonal',
      gain: gainOf(activation),
      outputGain,
    });
  };
  return Object.entries(groups).map(([name, { agents, observation, action }]): ComaTeam => {
    const head = headOf(action);
    if (head.length !== 1 || head[0]!.kind !== 'choice') {
      throw new RangeError(`coma: expected one choice per agent in group '${name}', got ${action.kind} actions`);
    }
    const slots = slotsOf(agents);
    const choices = choicesOf(action);
    const critic = make(1)({ inputs: criticInputs({ slots }, seen, actions), outputs: choices });
    return {
      ...{ name, slots, choices, observation, action },
      policy: distribution(action),
      actor: agentNetwork({
        group: name,
        slots,
        observation,
        outputs: choices,
        sharing: config.sharing,
        make: make(0.01),
      }),
      critic: networkCopies(critic, 1),
    };
  });
};

/**
 * Returns that go on with λ, [B, N]: G = r + γ d ((1 − λ) Q′ + λ G′), where Q′ is that of the row that follows, or, where
 * the rollout or the episode was cut, `next`. Sutton and Barto 2018, eq. 12.19: those of `gae`, with Q for V.
 */
const lambdaReturns = (
  { reward, discount }: GroupBatch,
  { last, numEnvs, slots }: { readonly last: Uint8Array; readonly numEnvs: number; readonly slots: number },
  { taken, next }: { readonly taken: Float32Array; readonly next: Float32Array },
  { discount: gamma, lambda }: ComaConfig,
): Float32Array => {
  const columns = numEnvs * slots;
  const goesOn = (i: number): boolean => last[Math.floor(i / slots)] === 0 && i + columns < taken.length;
  const nextValue = next.map((q, i) => (goesOn(i) ? taken[i + columns]! : q));
  const rows = { reward: elements(reward), discount: elements(discount), last, value: taken, nextValue };
  return Float32Array.from(gae({ ...rows, columns, agents: slots, gamma, lambda }).returns);
};

/**
 * Counterfactual multi-agent policy gradients. Foerster et al. 2018 (arXiv 1705.08926): a critic that sees everything says
 * what each other choice of an agent would have been worth while the others did what they did, and each agent learns from
 * the difference to the mean of these. Agents make one choice each; masks are honoured. Differs from the paper: the critic
 * takes several steps on a whole rollout in place of one per time step, and where a rollout ends before the episode, what
 * follows is valued for actions drawn from the policies. Throws a RangeError for other actions and settings out of range.
 */
export const coma = <const G extends Groups>(
  groups: G,
  { runtime: given, stateSpace, ...settings }: ComaOptions = {},
): Learner<G, ComaState, Rollout<G>> => {
  requireGroups('coma', groups);
  const runtime = runtimeOrDefault('coma', given);
  const config = orThrow('coma')(decodeComa(settings));
  const teams = teamsOf(groups, config, stateSpace);
  const descents = {
    actor: {
      optimiser: optimiserOf({ ...config, learningRate: config.learningRateActor }),
      maxGradNorm: config.maxGradNorm,
    },
    critic: {
      optimiser: optimiserOf({ ...config, learningRate: config.learningRateCritic }),
      maxGradNorm: config.maxGradNorm,
    },
  };
  const values = runtime.compile(comaValues(teams), { name: 'values of coma' });
  const step = runtime.compile(comaStep(teams, config, descents), { name: 'coma' });
  const nothing = carryOf<Record<string, never>>({});
  const draw = noiseSource();
  const queued = inTurn();
  const byTeam = <T>(of: (team: ComaTeam) => T): Record<string, T> =>
    Object.fromEntries(teams.map((team) => [team.name, of(team)]));
  const acting = byTeam((team) =>
    agentActing<ComaState>({
      agents: team.actor,
      head: headOf(team.action),
      theta: ({ carry }) => leavesOf(carry).actor[team.name]!.theta as F32,
    }),
  );

  return defineLearner('coma', 'rollout', {
    init(rng) {
      const carry = carryOf<ComaCarry>({
        actor: byTeam(({ name, actor }) =>
          initialRole({ thetas: actor.init(rng, `${name} actor`), optimiser: descents.actor.optimiser, target: false }),
        ),
        critic: byTeam(({ name, critic }) =>
          initialRole({
            thetas: critic.init(rng, `${name} critic`),
            optimiser: descents.critic.optimiser,
            target: true,
          }),
        ),
      });
      return { carry, updates: 0 };
    },
    policies: (state, mode) =>
      policiesOf(groups, (group, of) =>
        actingPolicy({ runtime, name: `coma policy of ${of}`, group, mode, state, acting: acting[of]! }),
      ),
    update: (state, rollout, rng, clock) =>
      queued(async () => {
        const { batch, numEnvs } = rollout;
        const { last } = batch;
        const of = (name: string): GroupBatch => rowsOf('coma.update', rollout, name);
        const first = teams[0]!.name;
        if (stateSpace) requireState('coma.update', rollout, first, stateSpace);
        const stateOf = ({ state }: GroupObservation) => stateSpace && { state: state! };
        const taken = byTeam(({ name, slots }) => {
          const { observation, action, legal } = of(name);
          const chosen = ndarray(Float32Array.from(elements(action as never)), [last.length, slots, 1]);
          return { observation, action: chosen, ...(legal && { legal }) };
        });
        const later = byTeam(({ name }) => {
          const { observation, legal } = of(name).next;
          return { observation, action: taken[name]!.action, ...(legal && { legal }) };
        });
        const now = { groups: taken, ...stateOf(of(first)) };
        const next = { groups: later, ...stateOf(of(first).next) };
        const noise = draw(
          rng,
          byTeam(({ slots, choices }) => ({ kind: 'uniform' as const, shape: [last.length * slots, choices] })),
        );
        const known = leavesOf(state.carry);
        const { output } = await values.run(nothing, { carry: known, now, next, noise });
        const told = (when: 'taken' | 'next', name: string) => output[when][name]!.data as Float32Array;
        const returns = byTeam(({ name, slots }) => {
          const values = { taken: told('taken', name), next: told('next', name) };
          return ndarray(lambdaReturns(of(name), { last, numEnvs, slots }, values, config), [last.length, slots]);
        });
        const updates = state.updates + 1;
        const scalar = (x: number) => ndarray(Float32Array.of(x), []);
        const { carry, output: done } = await step.run(state.carry, {
          now,
          returns,
          active: byTeam(({ name }) => of(name).active),
          updates: scalar(updates),
          rate: scalar(1 + (config.learningRateEnd - 1) * Math.min(1, clock.steps / clock.total)),
          move: scalar(updates % config.targetEvery === 0 ? 1 : 0),
        });
        const { data } = done.metrics;
        const metrics: Record<string, number> = {};
        COMA_METRICS.forEach((name, i) => {
          const each = teams.map((_, k) => data[k * COMA_METRICS.length + i]!);
          metrics[name] = each.reduce((a, b) => a + b) / each.length;
          if (teams.length > 1) teams.forEach((team, k) => (metrics[`${team.name}/${name}`] = each[k]!));
        });
        return [{ carry, updates }, metrics] as const;
      }),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};
