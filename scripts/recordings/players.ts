/** Scripted players for the recordings of the particle world: they read what their agents observe, by name. */
import { scripted, type Box, type Discrete, type Group, type Policy, type Roster } from '@troupe/core';
import type { ObservationSchema } from '@troupe/particle-world';

type Place = readonly [x: number, y: number];
/** The numbers of the parts of an observation, by name. */
type Seen = (part: string) => readonly number[];
type Player = Group<Roster, Box, Discrete>;

const length = ([x, y]: Place): number => Math.hypot(x, y);
/** Numbers `size` by `size`. */
const listOf = (numbers: readonly number[], size: number): readonly (readonly number[])[] =>
  Array.from({ length: numbers.length / size }, (_, k) => numbers.slice(k * size, (k + 1) * size));
const places = (numbers: readonly number[], size = 2): readonly Place[] =>
  listOf(numbers, size).map(([x, y]) => [x!, y!]);
/** The shortest of some places seen from here; undefined where there are none. */
const nearest = (candidates: readonly Place[]): Place | undefined =>
  candidates.reduce<Place | undefined>((best, one) => (best && length(best) <= length(one) ? best : one), undefined);
const argmax = (numbers: readonly number[]): number => numbers.indexOf(Math.max(...numbers));

/** The move towards a place, braking in time. */
const towards = ([x, y]: Place, [vx, vy]: Place = [0, 0], close = 0.05): number => {
  const [ex, ey] = [x - 0.25 * vx, y - 0.25 * vy];
  if (Math.max(Math.abs(ex), Math.abs(ey)) < close) return 0;
  if (Math.abs(ex) >= Math.abs(ey)) return ex < 0 ? 1 : 2;
  return ey < 0 ? 3 : 4;
};
const velocityOf = (seen: Seen): Place => seen('velocity') as unknown as Place;
/** Away from a place, but back to the middle from the edge of the arena. */
const awayFrom = ([x, y]: Place, seen: Seen, edge: number): number => {
  const [px, py] = seen('position') as unknown as Place;
  if (Math.max(Math.abs(px), Math.abs(py)) > edge) return towards([-px, -py], velocityOf(seen));
  // At a right angle where the edge is near ahead.
  const ahead: Place = [px - x / Math.max(0.01, Math.hypot(x, y)), py - y / Math.max(0.01, Math.hypot(x, y))];
  const blocked = Math.max(Math.abs(ahead[0]), Math.abs(ahead[1])) > edge + 0.6;
  return towards(blocked ? [-y, x] : [-x, -y], velocityOf(seen));
};

/** A policy that chooses by what an agent sees; `slot` is its number in the group. */
const playing = <A extends Player>(
  group: A,
  schema: ObservationSchema,
  choose: (seen: Seen, slot: number) => number,
): Policy<A> =>
  scripted(group, (row, slot) => {
    const parts = schema.read(row);
    return choose((part) => [...(parts[part] ?? [])], slot);
  });

/** Whom to play, by the name of the strategy. */
export const strategies = {
  /** To the only landmark. */
  goThere: (seen: Seen): number => towards(seen('landmark') as unknown as Place, velocityOf(seen)),
  /** One to the goal, the others to the other landmarks, so that who does not know the goal cannot tell. */
  deceive: (seen: Seen, slot: number): number => {
    const goal = seen('goal') as unknown as Place;
    const decoys = places(seen('landmarks')).filter((one) => length([one[0] - goal[0], one[1] - goal[1]]) > 1e-6);
    return towards(slot === 0 ? goal : (decoys[(slot - 1) % decoys.length] ?? goal), [0, 0], 0.12);
  },
  /** To the landmark that somebody else is nearest to. */
  follow: (seen: Seen): number => {
    const landmarks = places(seen('landmarks'));
    const others = places([...seen('others'), ...seen('good')]);
    const gap = (one: Place): number =>
      Math.min(...others.map((other) => length([one[0] - other[0], one[1] - other[1]])));
    const watched = landmarks.reduce((best, one) => (gap(one) < gap(best) ? one : best));
    return towards(watched, seen('velocity').length > 0 ? velocityOf(seen) : [0, 0], 0.1);
  },
  toGoal: (seen: Seen): number => towards(seen('goal') as unknown as Place, velocityOf(seen)),
  /** The code, hidden by the key: their sum modulo 2. */
  encrypt: (seen: Seen): number => (argmax(seen('code')) + argmax(seen('key'))) % 2,
  decrypt: (seen: Seen): number => (argmax(seen('message')) + argmax(seen('key'))) % 2,
  /** What was heard, since there is no key. */
  repeat: (seen: Seen): number => argmax(seen('message')),
  /** Says the number of the goal. */
  tell: (seen: Seen): number => argmax(seen('goal')),
  /** Goes to the landmark of the number that was said. */
  listen: (seen: Seen): number => {
    if (!seen('message').includes(1)) return 0;
    return towards(places(seen('landmarks'))[argmax(seen('message'))]!, velocityOf(seen));
  },
  /** Both at once. */
  tellAndListen: (seen: Seen): number => 5 * strategies.tell(seen) + strategies.listen(seen),
  /** After the nearest good agent in sight, or to the quarter of the plane that the leader named. */
  hunt: (seen: Seen): number => {
    const prey = nearest(places(seen('others').slice(-4)).filter((one) => length(one) > 0));
    if (prey) return towards(prey, velocityOf(seen), 0);
    if (!seen('message').includes(1)) return 0;
    const quarter = argmax(seen('message'));
    const [x, y] = seen('position') as unknown as Place;
    return towards([(quarter % 2 === 0 ? -0.5 : 0.5) - x, (quarter < 2 ? -0.5 : 0.5) - y], velocityOf(seen));
  },
  /** Hunts, and names the quarter in which the nearest good agent is. */
  lead: (seen: Seen): number => {
    const [dx, dy] = nearest(places(seen('others').slice(-4)))!;
    const [x, y] = seen('position') as unknown as Place;
    const quarter = (x + dx < 0 ? 0 : 1) + (y + dy < 0 ? 0 : 2);
    return 5 * quarter + strategies.hunt(seen);
  },
  /** To the nearest food, away from adversaries that are near. */
  forage: (seen: Seen): number => {
    const hunters = places(seen('others').slice(0, 8)).filter((one) => length(one) > 0);
    const danger = nearest(hunters);
    if (danger && length(danger) < 0.45) return awayFrom(danger, seen, 0.85);
    return towards(nearest(places(seen('landmarks').slice(2, 6)))!, velocityOf(seen));
  },
  /** To the nearest landmark in sight. */
  gather: (seen: Seen): number => {
    const landmark = nearest(places(seen('landmarks'), 3).filter((one) => length(one) > 0));
    return landmark ? towards(landmark, velocityOf(seen)) : 0;
  },
  /** Away from wolves that are near, else to the grass. */
  graze: (seen: Seen): number => {
    const wolves = listOf(seen('others'), 7).flatMap((one): Place[] => (one[5] === 1 ? [[one[0]!, one[1]!]] : []));
    const danger = nearest(wolves);
    return danger && length(danger) < 0.4 ? awayFrom(danger, seen, 1.2) : strategies.gather(seen);
  },
  /** After the nearest sheep. */
  stalk: (seen: Seen): number => {
    const sheep = listOf(seen('others'), 7).flatMap((one): Place[] => (one[4] === 1 ? [[one[0]!, one[1]!]] : []));
    const prey = nearest(sheep);
    return prey ? towards(prey, velocityOf(seen), 0) : 0;
  },
} satisfies Readonly<Record<string, (seen: Seen, slot: number) => number>>;

/** The policies of groups that play these strategies. */
export const players = <G extends Readonly<Record<string, Player>>>(
  env: { readonly groups: G; readonly schemas: { readonly [K in keyof G]: ObservationSchema } },
  chosen: { readonly [K in keyof G]: keyof typeof strategies },
): { readonly [K in keyof G]: Policy<G[K]> } =>
  Object.fromEntries(
    Object.keys(chosen).map((name) => [
      name,
      playing(env.groups[name]!, env.schemas[name]!, strategies[chosen[name]!]),
    ]),
  ) as unknown as { readonly [K in keyof G]: Policy<G[K]> };
