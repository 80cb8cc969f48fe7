import type { Rng } from './rng.js';
import type { Scene } from './scene.js';
import type { Box, Emits, Receives, Space } from './space.js';

/** Literal ids for a fixed cast, or the greatest number of agents alive at once, `{ max }`, for a population that comes and goes. */
export type Roster = readonly string[] | { readonly max: number };

/** Agents that share an observation space and an action space, hence can share a network. */
export interface Group<Ids extends Roster = Roster, O extends Space = Space, A extends Space = Space> {
  /** The ids in slot order, or for a population the number of slots. */
  readonly agents: Ids;
  /** What one agent sees. */
  readonly observation: O;
  /** What one agent can do. */
  readonly action: A;
}

/** Groups by name. */
export type Groups = Readonly<Record<string, Group>>;
/** What an algorithm for one kind of action asks of an environment. */
export type GroupsActing<A extends Space> = Readonly<Record<string, Group<Roster, Space, A>>>;

/** Values keyed by agent. Exact for a fixed cast, partial for a population. */
export type PerAgent<R extends Roster, V> = R extends readonly (infer Id extends string)[]
  ? Readonly<Record<Id, V>>
  : Readonly<Partial<Record<string, V>>>;

/** What every living agent sees. */
export type Observations<G extends Groups> = {
  readonly [K in keyof G]: PerAgent<G[K]['agents'], Emits<G[K]['observation']>>;
};
/** What `step` is handed: an action of every living agent. */
export type Actions<G extends Groups> = {
  readonly [K in keyof G]: PerAgent<G[K]['agents'], Receives<G[K]['action']>>;
};
/** What every agent got in one step. */
export type Rewards<G extends Groups> = { readonly [K in keyof G]: PerAgent<G[K]['agents'], number> };
/**
 * Per agent 1 where a choice is permitted, else 0: `choicesOf(action)` numbers, heads one after another. Groups that make no
 * choices, whose actions are a box, have none.
 */
export type LegalActions<G extends Groups> = {
  readonly [K in keyof G as G[K]['action'] extends Box ? never : K]: PerAgent<G[K]['agents'], ArrayLike<number>>;
};

/** What one step of an `Env` gives. */
export interface Step<G extends Groups> {
  /** What each living agent sees. An id missing from a population has died. */
  readonly observations: Observations<G>;
  /** Of every agent that lived when the step began, also one that died in it. Finite numbers. */
  readonly rewards: Rewards<G>;
  /** The task ended; the future is worth nothing. */
  readonly terminated: boolean;
  /** The clock ran out; the future still has value. */
  readonly truncated: boolean;
}

/** One episode-at-a-time world. Write one of these to add an environment. */
export interface Env<G extends Groups> {
  /** Who lives here, what they see and what they can do. Fixed for the life of the environment. */
  readonly groups: G;
  /** Space of `state()`, for environments that have one. */
  readonly stateSpace?: Box;
  /** Begins an episode; all randomness of the episode comes from `rng`. */
  reset(rng: Rng): Observations<G>;
  /** One step of everybody at once. `actions` has one of every living agent and must be left as it is. */
  step(actions: Actions<G>): Step<G>;
  /** Which choices are permitted now; asked after every `reset` and `step`. After the end none needs to be. */
  legal?(): LegalActions<G>;
  /** The whole world for a central critic, as `stateSpace` says; asked after every `reset` and `step`. */
  state?(): ArrayLike<number>;
  /** The world drawn as it is now. */
  render?(): Scene;
  /** The whole inner state as plain data, so that a run can be resumed in the middle of an episode. */
  save?(): unknown;
  /** Continues from what `save` returned. */
  load?(saved: unknown): void;
  /** Frees what the environment holds beyond memory: files, processes, windows. Not used afterwards. */
  close?(): void;
}

/** Identity at run time; at compile time it infers every type from `groups`. */
export const defineEnv = <const G extends Groups>(env: Env<G>): Env<G> => env;

/** The usual single-agent world, as a group named `agent` with one agent of that name. */
export type SingleAgent<O extends Space, A extends Space> = {
  /** The only group. */
  readonly agent: Group<readonly ['agent'], O, A>;
};

/** A single-agent world, written without groups. */
export interface SoloEnv<O extends Space, A extends Space> {
  /** What the agent sees. */
  readonly observation: O;
  /** What the agent can do. */
  readonly action: A;
  /** Begins an episode, all of whose randomness comes from `rng`; returns what the agent sees first. */
  reset(rng: Rng): Emits<O>;
  /** One step: the same as `Env.step` for one agent. */
  step(action: Receives<A>): {
    /** What the agent sees now. */
    readonly observation: Emits<O>;
    /** Of this step, a finite number. */
    readonly reward: number;
    /** The task ended; the future is worth nothing. */
    readonly terminated: boolean;
    /** The clock ran out; the future still has value. */
    readonly truncated: boolean;
  };
  /** 1 where a choice is permitted now: `choicesOf(action)` numbers, heads one after another. */
  legal?(): ArrayLike<number>;
  /** The world drawn as it is now. */
  render?(): Scene;
  /** The whole inner state as plain data, so that a run can be resumed in the middle of an episode. */
  save?(): unknown;
  /** Continues from what `save` returned. */
  load?(saved: unknown): void;
  /** Frees what the environment holds beyond memory. */
  close?(): void;
}

/** Turns a single-agent world into an `Env` with one group `agent` of one agent `agent`. */
export const defineSingleAgentEnv = <const O extends Space, const A extends Space>(
  solo: SoloEnv<O, A>,
): Env<SingleAgent<O, A>> => ({
  groups: { agent: { agents: ['agent'], observation: solo.observation, action: solo.action } },
  reset: (rng) => ({ agent: { agent: solo.reset(rng) } }),
  step: (actions) => {
    const { observation, reward, terminated, truncated } = solo.step(actions.agent.agent);
    return {
      observations: { agent: { agent: observation } },
      rewards: { agent: { agent: reward } },
      terminated,
      truncated,
    };
  },
  // The compiler does not know yet whether an agent of this kind makes choices.
  ...(solo.legal && { legal: () => ({ agent: { agent: solo.legal!() } }) as never }),
  ...(solo.render && { render: () => solo.render!() }),
  ...(solo.save && { save: () => solo.save!() }),
  ...(solo.load && { load: (saved: unknown) => solo.load!(saved) }),
  ...(solo.close && { close: () => solo.close!() }),
});
