import * as tf from '@tensorflow/tfjs-core';
import { box, discrete, rng } from '@troupe/core';
import { carryOf, leavesOf } from '@troupe/runtime';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  adam,
  agentActing,
  agentNetwork,
  descend,
  initialRole,
  mlp,
  optimiserOf,
  sgd,
  stackRole,
  unstackRole,
  type Role,
  type Sharing,
  type TargetedRole,
} from '../src/index.js';

const linear = (sharing: Sharing, slots = 2) =>
  agentNetwork({
    group: 'robots',
    slots,
    observation: box([2]),
    outputs: 1,
    sharing,
    make: ({ inputs, outputs }) => mlp({ inputs, hidden: [], outputs }),
  });
const scalar = (x: number): tf.Scalar => tf.scalar(x);

describe('agentNetwork', () => {
  it('has weights for each agent, or one set for all, with room for an id where wanted', () => {
    const sizes = (sharing: Sharing) => {
      const { copies, network } = linear(sharing);
      return [copies, network.size];
    };
    expect(sizes('separate')).toEqual([2, 3]);
    expect(sizes('shared')).toEqual([1, 3]);
    expect(sizes('sharedWithIds')).toEqual([1, 5]);
    // nothing to tell apart
    expect(linear('sharedWithIds', 1).network.size).toBe(3);
  });

  it('draws every copy from a stream of its own', () => {
    const agents = linear('separate');
    const [first, second] = agents.init(rng(0), 'robots actor');
    expect(first).not.toEqual(second);
    expect(agents.init(rng(0), 'robots actor')).toEqual([first, second]);
    expect(second).toEqual(agents.network.init(rng(0).split('robots actor 1')));
  });

  // rows: agent 0 sees (1, 2), agent 1 sees (3, 4)
  it.each([
    // 10 x + y: 12; 100 x + 1: 301
    ['separate', [new Float32Array([10, 1, 0]), new Float32Array([100, 0, 1])], [12, 301]],
    ['shared', [new Float32Array([10, 1, 0])], [12, 34]],
    // and 500 for agent 0, 700 for agent 1
    ['sharedWithIds', [new Float32Array([10, 1, 500, 700, 0])], [512, 734]],
  ] as const)('applies the weights of each agent, %s', (sharing, thetas, expected) => {
    const agents = linear(sharing);
    const seen = tf.tensor([1, 2, 3, 4], [1, 2, 2]);
    const out = agents.apply(
      thetas.map((theta) => tf.tensor1d(theta)),
      agents.encode(seen),
    );
    expect(out.shape).toEqual([1, 2, 1]);
    expect([...out.dataSync()]).toEqual(expected);
  });

  it('encodes what is not a box', () => {
    const agents = agentNetwork({
      group: 'g',
      slots: 2,
      observation: discrete(3),
      outputs: 1,
      sharing: 'shared',
      make: ({ inputs, outputs }) => mlp({ inputs, hidden: [], outputs }),
    });
    const encoded = agents.encode(tf.tensor([2, 0], [1, 2], 'int32'));
    expect([...encoded.dataSync()]).toEqual([0, 0, 1, 1, 0, 0]);
  });
});

describe.each(runtimes)('roles, %s', (_name, runtime) => {
  it('lose nothing when taken apart and put together', async () => {
    const begun = initialRole({
      thetas: [new Float32Array([1, 2]), new Float32Array([3, 4])],
      optimiser: adam({ learningRate: 1 }),
      target: true,
    });
    expect([...begun.target.data]).toEqual([1, 2, 3, 4]);
    const same = runtime.compile<{ role: TargetedRole }, Record<string, never>, { one: tf.Tensor }>(({ role }) => {
      const parts = unstackRole(role);
      return { carry: { role: stackRole(parts) }, output: { one: tf.add(parts[1]!.theta, parts[1]!.target) } };
    });
    const { carry, output } = await same.run(carryOf<{ role: TargetedRole }>({ role: begun }), {});
    expect([...(output.one.data as Float32Array)]).toEqual([6, 8]);
    const role = leavesOf(carry).role;
    expect(Object.keys(role).sort()).toEqual(['moments', 'target', 'theta']);
    expect([...role.theta.data]).toEqual([1, 2, 3, 4]);
  });

  it('descend: one clipped step, with the norm before clipping', async () => {
    const begun = initialRole({
      thetas: [new Float32Array([3, 4])],
      optimiser: sgd({ learningRate: 1 }),
      target: false,
    });
    expect(begun).not.toHaveProperty('target');
    const step = runtime.compile<{ role: Role }, Record<string, never>, { loss: tf.Tensor; length: tf.Tensor }>(
      ({ role }) => {
        const parts = unstackRole(role);
        const descent = { optimiser: sgd({ learningRate: 1 }), at: { updates: scalar(1) }, maxGradNorm: 2.5 };
        // ½ |θ|²: the gradient is θ, of norm 5, and half of it is left
        const [loss, length] = descend(parts[0]!, descent, (theta) => tf.mul(tf.sum(tf.square(theta)), 0.5));
        return { carry: { role: stackRole(parts) }, output: { loss, length } };
      },
    );
    const { carry, output } = await step.run(carryOf<{ role: Role }>({ role: begun }), {});
    expect((output.loss.data as Float32Array)[0]).toBeCloseTo(12.5, 5);
    expect((output.length.data as Float32Array)[0]).toBeCloseTo(5, 5);
    const theta = [...(leavesOf(carry).role.theta.data as Float32Array)];
    expect(theta[0]).toBeCloseTo(1.5, 5);
    expect(theta[1]).toBeCloseTo(2, 5);
  });
});

describe('optimiserOf', () => {
  it('names the rule', () => {
    const settings = { learningRate: 0.1, adamEpsilon: 1e-8 };
    expect(Object.keys(optimiserOf({ ...settings, optimiser: 'adam' }).moments(3))).toEqual(['m', 'v']);
    expect(optimiserOf({ ...settings, optimiser: 'sgd' }).moments(3)).toEqual({});
  });
});

describe('agentActing', () => {
  it('finds the weights in a state, and finishes the output', () => {
    const agents = linear('shared');
    const acting = agentActing<{ carry: ReturnType<typeof carryOf<{ role: Role }>> }>({
      agents,
      head: [{ kind: 'choice', n: 1 }],
      theta: ({ carry }) => leavesOf(carry).role.theta as never,
      finish: (output) => tf.neg(output),
    });
    const role = initialRole({
      thetas: [new Float32Array([10, 1, 0])],
      optimiser: sgd({ learningRate: 1 }),
      target: false,
    });
    const { step, theta } = acting({ carry: carryOf<{ role: Role }>({ role }) });
    expect([...theta.data]).toEqual([10, 1, 0]);
    const { output } = step({}, { theta: tf.tensor1d(theta.data), observation: tf.tensor([1, 2, 3, 4], [1, 2, 2]) });
    expect([...output.output.dataSync()]).toEqual([-12, -34]);
  });
});
