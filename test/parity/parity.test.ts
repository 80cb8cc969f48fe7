import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../support/runtimes.js';
import { judge } from './judge.js';
import { replayDqn, type DqnGolden } from './dqn.js';
import { replayMaddpg, type MaddpgGolden } from './maddpg.js';
import { replayNaf, type NafGolden } from './naf.js';
import { replayTrustRegion, type TrustRegionGolden } from './trust-region.js';
import { replayCem, replayCmaEs, type CemGolden, type CmaEsGolden } from './maximisers.js';

const folder = join(import.meta.dirname, '../golden/updates');
const read = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString('utf8'));

describe('recorded updates', () => {
  it.each(readdirSync(folder))('%s is reproduced in every runtime', async (name) => {
    const verdicts = await judge(
      name,
      read(name),
      runtimes.map(([, runtime]) => runtime),
    );
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    // What runs in a runtime runs in every one.
    if (verdicts.some(({ runtime }) => runtime)) expect(verdicts).toHaveLength(runtimes.length);
  });

  it('tells a wrong setting from the right one', async () => {
    const golden = read('maddpg-discrete-n3.json.gz') as MaddpgGolden;
    for (const change of [{ gamma: 0.9 }, { tau: 0.02 }, { policyRegularizer: 0 }, { maxGradNorm: null }]) {
      const wrong = { ...golden, config: { ...golden.config, ...change } };
      expect((await replayMaddpg(wrong, runtimes[1]![1])).error, JSON.stringify(change)).toBeGreaterThan(1e-3);
    }
  });

  it('tells a wrong setting of NAF from the right one', async () => {
    const golden = read('naf-2-actions.json.gz') as NafGolden;
    for (const change of [{ gamma: 0.9 }, { tau: 0.1 }, { learningRate: 0.004 }, { maxGradNorm: null }]) {
      const wrong = { ...golden, config: { ...golden.config, ...change } };
      expect((await replayNaf(wrong, runtimes[1]![1])).error, JSON.stringify(change)).toBeGreaterThan(1e-4);
    }
  });

  it('tells a wrong maximiser from the right one', async () => {
    const bounded = read('cem-bounded-smoothed.json.gz') as CemGolden;
    for (const change of [{ smoothing: 0.2 }, { minStd: 0.3 }, { elites: 5 }, { high: 0.5 }]) {
      const wrong = { ...bounded, config: { ...bounded.config, ...change } };
      expect((await replayCem(wrong, runtimes[1]![1])).error, JSON.stringify(change)).toBeGreaterThan(1e-3);
    }
    const adapted = read('cma-es-3d.json.gz') as CmaEsGolden;
    const wrong = { ...adapted, config: { ...adapted.config, initialSigma: 0.11 } };
    expect(replayCmaEs(wrong).error).toBeGreaterThan(1e-3);
  });

  it.each([
    ['dqn-huber-polyak', { gamma: 0.9 }],
    ['dqn-huber-polyak', { loss: 'mse' }],
    ['dqn-huber-polyak', { targetUpdateAfterUpdates: [1] }],
    ['double-dqn-mse-polyak', { doubleQ: false }],
    ['per-weighted-dqn-huber', { weighted: false }],
    ['nstep3-dqn-huber', { tau: 0.2 }],
  ] as const)('%s: tells %j from the right settings', async (name, change) => {
    const golden = read(`${name}.json.gz`) as DqnGolden;
    const wrong = { ...golden, config: { ...golden.config, ...change } };
    expect((await replayDqn(wrong, runtimes[1]![1])).error).toBeGreaterThan(1e-3);
  });

  it.each([
    [
      'happo-categorical-nonorm-n2',
      [{ clipParam: 0.05 }, { entropyCoef: 0 }, { maxGradNorm: 0.2 }, { learningRateCritic: 0.006 }],
    ],
    ['hatrpo-rejected-n2', [{ cgDamping: 0.2 }, { cgMaxIterations: 9 }, { lineSearchSteps: 4 }, { klThreshold: 0.25 }]],
    [
      'mappo-onpolicy-categorical-n3',
      [{ huberDelta: 0.1 }, { useClippedValueLoss: false }, { useValueActiveMasks: false }],
    ],
  ] as const)('tells wrong settings of %s from the right ones', async (name, changes) => {
    const golden = read(`${name}.json.gz`) as TrustRegionGolden;
    for (const change of changes) {
      const wrong = { ...golden, config: { ...golden.config, ...change } };
      expect((await replayTrustRegion(wrong, runtimes[0]![1])).error, JSON.stringify(change)).toBeGreaterThan(1e-3);
    }
  });

  it('says what it cannot replay', async () => {
    expect(await judge('manifest', {}, [])).toMatchObject([{ outcome: 'skipped' }]);
    expect(await judge('oracles2', {}, [])).toMatchObject([{ outcome: 'not a replay' }]);
    expect(await judge('x', { kind: 'update', algorithm: 'unheard of' }, [])).toMatchObject([{ outcome: 'not yet' }]);
  });
});
