/**
 * Replays recorded updates of PPO and TRPO, for one agent and for many, through the shipped learners: weights and moments
 * are set through the public state, rows are handed in as a rollout of one step, whose returns are its rewards.
 */
import { box, discrete, rng, type F32, type Groups, type Rng, type Rollout } from '@troupe/core';
import { mlp } from '@troupe/networks';
import { leavesOf, type Runtime } from '@troupe/runtime';
import {
  happo,
  hatrpo,
  ippo,
  mappo,
  ppo,
  trpo,
  type Attempt,
  type TrustRegionState,
  type UpdateReport,
} from '@troupe/trust-region';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Layer {
  readonly type: 'dense' | 'layernorm';
  readonly kernel?: Numbers;
  readonly bias?: Numbers;
  readonly scale?: Numbers;
  readonly offset?: Numbers;
}
interface GoldenNetwork {
  readonly layers: readonly Layer[];
  readonly logStd?: readonly number[];
}
interface GoldenAgent {
  readonly observations: readonly (readonly number[])[];
  readonly actions: readonly Numbers[];
  readonly oldLogProbs: readonly Numbers[];
  readonly active?: readonly number[];
  readonly availableActions?: readonly (readonly number[])[];
  readonly oldValues?: readonly number[];
  readonly returns?: readonly number[];
}
interface Attempted {
  readonly fraction: number;
  readonly kl: number;
  readonly surrogate: number;
  readonly improve: number;
  readonly expectedImprove: number;
  readonly accepted: boolean;
}
interface Turn {
  readonly agent: number;
  readonly epochs?: readonly Readonly<Record<'policyLoss' | 'entropy' | 'gradNorm' | 'ratioMean', number>>[];
  readonly factorAfter: readonly number[];
  readonly surrogateBefore?: number;
  readonly gradientNorm?: number;
  readonly cgIterations?: number;
  readonly xFx?: number;
  readonly stepSize?: number;
  readonly expectedImprove?: number;
  readonly acceptedFraction?: number | null;
  readonly lineSearch?: readonly Attempted[];
  readonly gradient?: GoldenNetwork;
  readonly cgSolution?: GoldenNetwork;
  readonly fullStep?: GoldenNetwork;
}
interface GoldenStep {
  readonly networks?: Readonly<Record<string, GoldenNetwork>>;
  readonly valueNorm?: GoldenMoments;
  readonly advantages?: Numbers;
  readonly sequence?: readonly Turn[];
  readonly critic?: { readonly epochs: readonly { readonly valueLoss: number; readonly gradNorm: number }[] };
  readonly losses?: Readonly<Record<string, number>>;
  readonly gradNorms?: Readonly<Record<string, Numbers>>;
  readonly entropy?: Readonly<Record<string, number>>;
  readonly ratioMean?: Readonly<Record<string, number>>;
  readonly gradient?: GoldenNetwork;
  readonly searchDirection?: GoldenNetwork;
  readonly xTHx?: number;
  readonly initialStepScale?: number;
  readonly accepted?: boolean;
  readonly lineSearchTrials?: number;
  readonly klPerTrial?: readonly number[];
  readonly surrogateAfter?: number;
  readonly approxKl?: number;
  readonly policyUpdated?: boolean;
}
interface GoldenMoments {
  readonly runningMean: number;
  readonly runningMeanSq: number;
  readonly debiasingTerm: number;
}
/** One case, as the FORMAT.md of its folder describes it. */
export interface TrustRegionGolden {
  readonly algorithm: 'ppo' | 'trpo' | 'ippo' | 'mappo' | 'happo' | 'hatrpo';
  readonly config: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, GoldenNetwork>>;
  readonly valueNorm?: GoldenMoments;
  readonly batch: {
    readonly agents?: readonly GoldenAgent[];
    readonly states?: readonly (readonly number[])[];
    readonly oldValues?: readonly number[];
    readonly returns?: readonly number[];
    readonly advantages?: readonly number[];
  } & Partial<GoldenAgent>;
  readonly noise: { readonly cg?: GoldenNetwork };
  readonly permutation?: readonly (readonly number[])[];
  readonly expected: { readonly steps: readonly GoldenStep[]; readonly advantages?: Numbers };
}

const vectorOf = ({ layers, logStd = [] }: GoldenNetwork): number[] => [
  ...layers.flatMap(({ kernel = [], bias = [], scale = [], offset = [] }) =>
    [scale, offset, kernel, bias].flatMap(flatten),
  ),
  ...logStd,
];
const denseOf = (network: GoldenNetwork) => network.layers.filter(({ type }) => type === 'dense');
const widthOf = (network: GoldenNetwork): number => flatten(denseOf(network).at(-1)!.bias!).length;

type Carried = { readonly [name: string]: F32 | Carried };
const dataOf = ({ data, offset, size }: F32): Float32Array => data.subarray(offset, offset + size);

/** Agents share an actor: one group of all; else a group of its own for each. */
const groupsOf = (golden: TrustRegionGolden, agents: readonly GoldenAgent[]): Groups => {
  const group = (names: readonly string[], agent: GoldenAgent, actor: GoldenNetwork) => ({
    agents: names,
    observation: box([agent.observations[0]!.length]),
    action: golden.config['policy'] === 'gaussian' ? box([actor.logStd!.length]) : discrete(widthOf(actor)),
  });
  const shared = golden.networks['shared.actor'];
  if (shared)
    return {
      agents: group(
        agents.map((_, i) => `agent${i}`),
        agents[0]!,
        shared,
      ),
    };
  return Object.fromEntries(agents.map((agent, i) => [`agent${i}`, group([`agent${i}`], agent, actorOf(golden, i))]));
};
const actorOf = ({ networks }: TrustRegionGolden, agent: number): GoldenNetwork =>
  networks[`agent${agent}.actor`] ?? networks['shared.actor'] ?? networks['actor'] ?? networks['policy']!;
const criticOf = (networks: TrustRegionGolden['networks']): GoldenNetwork => networks['critic'] ?? networks['value']!;

const makers = { ppo, trpo, ippo, mappo, happo, hatrpo };

/** The learner of a case, as its config says. `epochs` limits the passes of actors and critic. */
const learnerOf = (
  golden: TrustRegionGolden,
  groups: Groups,
  options: { readonly runtime: Runtime; readonly epochs: number; readonly inspect: (report: UpdateReport) => void },
) => {
  const { config, algorithm, networks, batch } = golden;
  const number = (name: string): number => config[name] as number;
  const std = config['stdParametrization'] as { readonly type: string; readonly x: number; readonly y: number } | null;
  const norm = config['valueNorm'] as { readonly beta: number } | null;
  const sample = actorOf(golden, 0);
  const layerNorm = sample.layers.some(({ type }) => type === 'layernorm');
  const hidden = denseOf(sample)
    .slice(0, -1)
    .map(({ bias }) => flatten(bias!).length);
  const deep = denseOf(criticOf(networks))
    .slice(0, -1)
    .map(({ bias }) => flatten(bias!).length);
  const activation = (config['activation'] ?? 'tanh') as 'relu' | 'tanh';
  const own = config['stateScope'] !== 'joint_state';
  const limit = <T extends number>(epochs: T): number => Math.min(options.epochs, epochs);
  const common = {
    runtime: options.runtime,
    inspect: options.inspect,
    hidden,
    activation,
    layerNorm,
    networks: {
      critic: ({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }) =>
        mlp({ inputs, hidden: deep, outputs, activation, layerNorm, inputNorm: layerNorm }),
    },
    ...(!own && batch.states ? { stateSpace: box([batch.states[0]!.length]) } : {}),
    ...(std?.type === 'scaled_sigmoid'
      ? { deviation: 'sigmoid' as const, deviationScale: std.x, deviationLimit: std.y }
      : { deviation: 'exp' as const }),
    sharing: networks['shared.actor'] ? ('shared' as const) : ('separate' as const),
    critic: own ? ('own' as const) : ('joint' as const),
    values: batch.returns ? ('team' as const) : ('agent' as const),
    deadRows: config['useValueActiveMasks'] === false ? ('counted' as const) : ('inMoments' as const),
    order: golden.expected.steps[0]!.sequence ? ('random' as const) : ('together' as const),
    normaliseAdvantages: !batch.advantages,
    minibatches: 1,
    criticEpochs: limit(number(config['criticUpdates'] === undefined ? 'criticEpochs' : 'criticUpdates')),
    learningRateCritic: number('learningRateCritic'),
    adamEpsilon: number('adamEpsilon'),
    maxGradNorm: (config['maxGradNorm'] ?? null) as number | null,
    valueClip: config['useClippedValueLoss'] === true ? number('clipParam') : null,
    huber: config['useHuberLoss'] === true ? number('huberDelta') : null,
    valueLossFactor: config['valueLoss'] === undefined ? ((config['valueLossCoef'] ?? 1) as number) : 2,
    valueNorm: norm ? ('moments' as const) : ('none' as const),
    ...(norm && { valueNormDecay: norm.beta }),
  };
  if (algorithm === 'trpo' || algorithm === 'hatrpo') {
    const stable = config['klDirection'] !== undefined;
    return makers[algorithm](groups, {
      ...common,
      kl: number('klThreshold'),
      divergence: stable ? 'reverseMean' : config['klForm'] === 'old_to_new_exact' ? 'exact' : 'ratio',
      damping: number('cgDamping'),
      stepLength: 'damped',
      cgIterations: number('cgMaxIterations'),
      cgTolerance: number('cgResidualTolerance'),
      backtrack: number(stable ? 'shrinkFactor' : 'backtrackCoeff'),
      lineSearchSteps: number(stable ? 'maxTrials' : 'lineSearchSteps'),
      acceptRatio: (config['acceptRatio'] ?? 0) as number,
    });
  }
  const target = config['targetKl'] as number | null | undefined;
  return makers[algorithm](groups, {
    ...common,
    epochs: limit(number('policyEpochs')),
    clip: number('clipParam'),
    entropy: (config['entropyCoef'] ?? 0) as number,
    maxKl: target ? target * (config['earlyStopFactor'] as number) : null,
    learningRateActor: number('learningRateActor'),
  });
};

/** One step of every row: returns are rewards, whose future is worth nothing; old values are handed in. */
const rolloutOf = (
  golden: TrustRegionGolden,
  groups: Groups,
  agents: readonly GoldenAgent[],
  remembered: boolean,
): Rollout<Groups> => {
  const { batch, config } = golden;
  const rows = agents[0]!.observations.length;
  const shared = 'agents' in groups;
  const state = batch.states && ndarray(Float32Array.from(flatten(batch.states)), [rows, batch.states[0]!.length]);
  const columnsOf = (own: readonly GoldenAgent[]) => {
    const n = own.length;
    const gather = (of: (agent: GoldenAgent) => readonly Numbers[] | undefined, width: number): number[] =>
      Array.from({ length: rows }, (_, b) => own.flatMap((agent) => flatten(of(agent)![b]!).slice(0, width))).flat();
    const wide = (of: (agent: GoldenAgent) => readonly Numbers[]) => flatten(of(own[0]!)[0]!).length;
    const f32 = (values: readonly number[], ...rest: readonly number[]) =>
      ndarray(Float32Array.from(values), [rows, n, ...rest]);
    const all = (of: (agent: GoldenAgent) => readonly Numbers[], ...rest: number[]) =>
      f32(gather(of, wide(of)), ...rest);
    const returns = (agent: GoldenAgent): readonly number[] => agent.returns ?? batch.returns!;
    // PPO and TRPO for one agent come with advantages: old values that give them.
    const values = (agent: GoldenAgent): readonly number[] =>
      batch.advantages
        ? returns(agent).map((r, i) => r - advantagesOf(golden)[i]!)
        : (agent.oldValues ?? batch.oldValues!);
    const legal = own[0]!.availableActions;
    const active = ndarray(
      Uint8Array.from(own[0]!.active ? gather((agent) => agent.active!, 1) : new Array<number>(rows * n).fill(1)),
      [rows, n],
    );
    const observation = all((agent) => agent.observations, own[0]!.observations[0]!.length);
    const gaussian = config['policy'] === 'gaussian';
    return {
      observation,
      active,
      ...(legal && {
        legal: ndarray(Uint8Array.from(gather((agent) => agent.availableActions, Infinity)), [
          rows,
          n,
          legal[0]!.length,
        ]),
      }),
      ...(state && { state }),
      action: gaussian
        ? all(
            (agent) => agent.actions,
            wide((agent) => agent.actions),
          )
        : ndarray(Int32Array.from(gather((agent) => agent.actions, 1)), [rows, n]),
      reward: f32(gather(returns, 1)),
      discount: f32(new Array<number>(rows * n).fill(0)),
      next: { observation, active, ...(state && { state }) },
      extras: {
        value: f32(gather(values, 1)),
        ...(remembered && {
          logProb: f32(gather((agent) => agent.oldLogProbs.map((row) => flatten(row).reduce((a, b) => a + b)), 1)),
        }),
      },
    };
  };
  return {
    steps: 1,
    numEnvs: rows,
    batch: {
      groups: Object.fromEntries(
        Object.keys(groups).map((name) => [
          name,
          columnsOf(shared ? agents : [agents[Number(/\d+$/.exec(name)![0])]!]),
        ]),
      ),
      last: new Uint8Array(rows).fill(1),
      env: Int32Array.from({ length: rows }, (_, e) => e),
    },
  };
};

/** Advantages as the losses take them: SB3 normalises with the sample deviation, Spinning Up gave them normalised. */
const advantagesOf = ({ algorithm, batch }: TrustRegionGolden): readonly number[] => {
  const given = batch.advantages!;
  if (algorithm !== 'trpo') return given;
  const mean = given.reduce((sum, x) => sum + x, 0) / given.length;
  const deviation = Math.sqrt(given.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (given.length - 1));
  return given.map((x) => (x - mean) / (deviation + 1e-8));
};

const leavesIn = (state: TrustRegionState, role: 'actors' | 'critics', name: string): Carried => {
  const held = state[role][name]!;
  return leavesOf('layout' in held ? held : held[0]!) as unknown as Carried;
};
const thetaOf = (leaves: Carried): Float32Array => dataOf(leaves['theta'] as F32);

/** Groups and critics by the names of their networks in the file. */
const namesOf = (golden: TrustRegionGolden, groups: Groups, critic: string) => [
  ...Object.keys(groups).map((group) => ({
    role: 'actors' as const,
    name: group,
    key: ['shared.actor', `${group}.actor`, 'actor', 'policy'].find((key) => golden.networks[key])!,
  })),
  { role: 'critics' as const, name: critic, key: golden.networks['critic'] ? 'critic' : 'value' },
];

/** A stream whose draws put things into this order: what a shuffle that swaps from the end on has to draw. */
const drawing = (order: readonly number[]): Rng => {
  const now = order.map((_, i) => i);
  const draws: number[] = [];
  for (let i = now.length - 1; i > 0; i--) {
    const j = now.indexOf(order[i]!);
    [now[i], now[j]] = [now[j]!, now[i]!];
    draws.push(j);
  }
  return { ...rng(0), int: () => draws.shift()! };
};

/** Replays one case and returns the largest error. */
export const replayTrustRegion = async (golden: TrustRegionGolden, runtime: Runtime): Promise<Worst> => {
  const { config, expected, batch, algorithm } = golden;
  const agents = batch.agents ?? [batch as unknown as GoldenAgent];
  const worst = worstOf();
  let reports: UpdateReport[] = [];
  const see = (of: string, have: ArrayLike<number>, want: readonly number[], floor?: number): void =>
    worst.see(of, relativeError(have, want, floor), want.length);
  const full = config['stepMeaning'] !== 'epoch';
  const make = (epochs: number) => {
    const groups = groupsOf(golden, agents);
    return {
      groups,
      learner: learnerOf(golden, groups, {
        runtime,
        epochs,
        inspect: (report) => reports.push(structuredClone(report)),
      }),
    };
  };
  const criticName = (state: TrustRegionState): string => Object.keys(state.critics)[0]!;
  const begin = ({ groups, learner }: ReturnType<typeof make>): TrustRegionState => {
    const state = learner.init(rng(0));
    for (const { role, name, key } of namesOf(golden, groups, criticName(state))) {
      thetaOf(leavesIn(state, role, name)).set(vectorOf(golden.networks[key]!));
    }
    if (golden.valueNorm) {
      const norm = leavesIn(state, 'critics', criticName(state))['norm'] as Record<string, F32>;
      dataOf(norm['mean']!)[0] = golden.valueNorm.runningMean;
      dataOf(norm['square']!)[0] = golden.valueNorm.runningMeanSq;
      dataOf(norm['debias']!)[0] = golden.valueNorm.debiasingTerm;
    }
    return state;
  };
  const compareState = (label: string, state: TrustRegionState, groups: Groups, want: GoldenStep): void => {
    for (const { role, name, key } of namesOf(golden, groups, criticName(state))) {
      const network = want.networks?.[key];
      if (network) compareNetwork(`${label} ${key}`, thetaOf(leavesIn(state, role, name)), network);
    }
    if (!want.valueNorm) return;
    const norm = leavesIn(state, 'critics', criticName(state))['norm'] as Record<string, F32>;
    const moments: readonly (readonly [string, number])[] = [
      ['mean', want.valueNorm.runningMean],
      ['square', want.valueNorm.runningMeanSq],
      ['debias', want.valueNorm.debiasingTerm],
    ];
    for (const [name, value] of moments) see(`${label} moments ${name}`, dataOf(norm[name]!), [value], 1e-12);
  };
  const compareNetwork = (label: string, have: ArrayLike<number>, network: GoldenNetwork): void => {
    let at = 0;
    const values = Array.from(have);
    const next = (of: string, want: Numbers | undefined): void => {
      if (want === undefined) return;
      const list = flatten(want);
      see(`${label} ${of}`, values.slice(at, at + list.length), list);
      at += list.length;
    };
    network.layers.forEach(({ scale, offset, kernel, bias }, l) => {
      next(`layer ${l} scale`, scale);
      next(`layer ${l} offset`, offset);
      next(`layer ${l} kernel`, kernel);
      next(`layer ${l} bias`, bias);
    });
    next('logStd', network.logStd);
  };
  const passesOf = (report: UpdateReport) => report['passes'] as readonly Readonly<Record<string, number>>[];
  const compareTurn = (label: string, report: UpdateReport, want: Turn): void => {
    see(`${label} factor`, report['factor'] as Float64Array, want.factorAfter);
    want.epochs?.forEach((epoch, e) => {
      const pass = passesOf(report)[e]!;
      see(`${label} epoch ${e} loss`, [pass['policyLoss']!], [epoch.policyLoss], LOSS_FLOOR);
      see(`${label} epoch ${e} entropy`, [pass['entropy']!], [epoch.entropy]);
      see(`${label} epoch ${e} gradient norm`, [pass['policyGradNorm']!], [epoch.gradNorm]);
      see(`${label} epoch ${e} ratio`, [pass['ratio']!], [epoch.ratioMean]);
    });
    if (!want.lineSearch) return;
    const attempts = report['attempts'] as readonly Attempt[];
    worst.see(`${label} tries`, attempts.length === want.lineSearch.length ? 0 : Infinity);
    want.lineSearch.forEach((tried, j) => {
      const attempt = attempts[j];
      if (!attempt) return;
      worst.see(`${label} try ${j} accepted`, attempt.accepted === tried.accepted ? 0 : Infinity);
      see(`${label} try ${j} kl`, [attempt.kl], [tried.kl]);
      see(`${label} try ${j} improvement`, [attempt.improvement], [tried.improve]);
      see(`${label} try ${j} expected`, [attempt.expected], [tried.expectedImprove]);
    });
    see(`${label} gradient norm`, [report['policyGradNorm'] as number], [want.gradientNorm!]);
    see(`${label} curvature`, [report['curvature'] as number], [want.xFx!]);
    see(`${label} step size`, [report['stepSize'] as number], [want.stepSize!]);
    worst.see(`${label} cg iterations`, report['cgIterations'] === want.cgIterations ? 0 : Infinity);
    for (const [name, network] of [
      ['gradient', want.gradient],
      ['solution', want.cgSolution],
      ['full', want.fullStep],
    ] as const) {
      if (network) compareNetwork(`${label} ${name}`, report[name] as Float32Array, network);
    }
  };
  const compareCritic = (label: string, losses: readonly number[], norms: readonly number[]): void => {
    const passes = passesOf(reports.find(({ of }) => of === 'critic')!);
    const factor = config['valueLoss'] === undefined ? 1 : 2;
    losses.forEach((loss, e) =>
      see(`${label} epoch ${e} loss`, [passes[e]!['criticLoss']! * factor], [loss], LOSS_FLOOR),
    );
    norms.forEach((norm, e) => see(`${label} epoch ${e} gradient norm`, [passes[e]!['criticGradNorm']!], [norm]));
  };

  if (full && !batch.advantages) {
    const one = make(Infinity);
    let state = begin(one);
    for (const [k, want] of expected.steps.entries()) {
      const remembered = k === 0 || config['refreshOldLogProbs'] !== true;
      reports = [];
      [state] = await one.learner.update(
        state,
        rolloutOf(golden, one.groups, agents, remembered),
        drawing(golden.permutation![k]!),
        { steps: 0, total: 1 },
      );
      const label = `step ${k + 1}`;
      want.sequence!.forEach((turn, place) => compareTurn(`${label} agent ${turn.agent}`, reports[place]!, turn));
      const epochs = want.critic!.epochs;
      compareCritic(
        `${label} critic`,
        epochs.map((e) => e.valueLoss),
        epochs.map((e) => e.gradNorm),
      );
      compareState(label, state, one.groups, want);
    }
    return worst.result();
  }

  if (algorithm === 'trpo') {
    const [want] = expected.steps;
    const one = make(Infinity);
    const [state] = await one.learner.update(begin(one), rolloutOf(golden, one.groups, agents, true), rng(0), {
      steps: 0,
      total: 1,
    });
    const [actor] = reports;
    compareNetwork('gradient', actor!['gradient'] as Float32Array, want!.gradient!);
    compareNetwork('direction', actor!['solution'] as Float32Array, want!.searchDirection!);
    see('curvature', [actor!['curvature'] as number], [want!.xTHx!]);
    see('step size', [actor!['stepSize'] as number], [want!.initialStepScale!]);
    const attempts = actor!['attempts'] as readonly Attempt[];
    worst.see('tries', attempts.length === want!.klPerTrial!.length ? 0 : Infinity);
    see(
      'kl',
      attempts.map(({ kl }) => kl),
      want!.klPerTrial!,
    );
    worst.see('accepted', attempts.at(-1)?.accepted === want!.accepted ? 0 : Infinity);
    const norms = flatten(want!.gradNorms!['value']!);
    compareCritic('value', [], norms);
    const losses = passesOf(reports[1]!).map((pass) => pass['criticLoss']! * 2);
    see('value loss', [losses.reduce((a, b) => a + b, 0) / losses.length], [want!.losses!['value']!]);
    compareState('after', state, one.groups, want!);
    return worst.result();
  }

  // A step is one epoch: all of them in one update, and as many fewer for the networks in between.
  for (const [k, want] of expected.steps.entries()) {
    if (!want.networks && k < expected.steps.length - 1) continue;
    const one = make(k + 1);
    reports = [];
    const [state] = await one.learner.update(begin(one), rolloutOf(golden, one.groups, agents, true), rng(0), {
      steps: 0,
      total: 1,
    });
    compareState(`epoch ${k + 1}`, state, one.groups, want);
    const actors = reports.filter(({ of }) => of === 'actor');
    for (const report of actors) {
      const key = ['shared.actor', `${report.name.split('/')[0]!}.actor`, 'actor'].find(
        (name) => golden.networks[name],
      )!;
      const pass = passesOf(report).at(-1)!;
      const label = `epoch ${k + 1} ${key}`;
      see(`${label} loss`, [pass['policyLoss']!], [want.losses![key]!], LOSS_FLOOR);
      see(`${label} gradient norm`, [pass['policyGradNorm']!], flatten(want.gradNorms![key]!));
      if (want.entropy) see(`${label} entropy`, [pass['entropy']!], [want.entropy[key]!]);
      if (want.ratioMean) see(`${label} ratio`, [pass['ratio']!], [want.ratioMean[key]!]);
      if (want.approxKl !== undefined) see(`${label} kl`, [pass['kl']!], [want.approxKl]);
    }
    const critic = passesOf(reports.at(-1)!).at(-1)!;
    const factor = config['valueLoss'] === undefined ? 1 : 2;
    see(`epoch ${k + 1} critic loss`, [critic['criticLoss']! * factor], [want.losses!['critic']!], LOSS_FLOOR);
    see(`epoch ${k + 1} critic gradient norm`, [critic['criticGradNorm']!], flatten(want.gradNorms!['critic']!));
  }
  return worst.result();
};

/** Surrogate losses are means of normalised advantages: some are zero but for rounding. */
const LOSS_FLOOR = 1e-2;
