/** A trained policy in a page, with the one import that programs in Node have: built by a bundler, in `bundle.test.ts`. */
import { defineSingleAgentEnv, box, discrete, eager, evaluate, fastestRuntime, ppo, rng, vectorize } from 'troupe';

const corner = () =>
  defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(2),
    reset: () => [0],
    step: (action) => ({ observation: [0], reward: action, terminated: true, truncated: false }),
  });

const play = async () => {
  let reason = '';
  const { name } = await fastestRuntime((why) => (reason = why));
  const env = vectorize(corner, { numEnvs: 2 });
  const learner = ppo(env.groups, { runtime: eager(), hidden: [4] });
  const stored = JSON.stringify(learner.init(rng(0)), (_, value: unknown) =>
    value instanceof Float32Array ? { float32: [...value] } : value,
  );
  const state = JSON.parse(stored, (_, value: { readonly float32?: readonly number[] } | null) =>
    value?.float32 ? Float32Array.from(value.float32) : value,
  ) as ReturnType<typeof learner.init>;
  const { length } = await evaluate({ env, policies: learner.policies(state, 'exploit'), rng: rng(1), episodes: 2 });
  return { name, reason, length: length.mean };
};
export const result = play();
