/**
 * The built packages in a bundle for browsers: what a bundler leaves out must be what nobody needs (`sideEffects` of the
 * packages), and nothing of Node may be in it.
 */
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

/** The bundle of a file as one script that keeps what the file exports in `page`. */
const bundle = async (file: string): Promise<Rolldown.OutputChunk> => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'browser', file), formats: ['iife'], name: 'page' },
    },
  });
  const [output] = built as readonly Rolldown.RolldownOutput[];
  return output!.output[0];
};

/** Runs a script where there is what browsers have, as far as it is needed, and nothing of Node. */
const runInPage = async (code: string): Promise<unknown> => {
  const page = createContext({ document: {}, performance, console: { warn: () => {} }, setTimeout, TextEncoder });
  runInContext('globalThis.window = globalThis', page);
  return (await runInContext(`${code}\npage.result`, page)) as unknown;
};

/** Modules that have no place in a page. (tfjs-core puts nothing in the place of `util`, under a name that ends there.) */
const outside = ({ moduleIds }: Rolldown.OutputChunk): string[] =>
  moduleIds.filter(
    (id) => /^node:|__vite-browser-external:/.test(id) || /[/\\](runtime-node|keep|parallel)[/\\]/.test(id),
  );

it('the runtime and the particle world run in a page, repairs of tfjs included', async () => {
  const chunk = await bundle('page.ts');
  expect(outside(chunk)).toEqual([]);
  const { mean, w } = (await runInPage(chunk.code)) as { mean: number; w: number[] };
  expect(mean).toBeLessThan(0);
  expect(mean).toBeGreaterThan(-30);
  // d mean(cumsum(w) x) / dw: sums of x over this row and those below, by 6.
  [9, 12, 8, 10, 5, 6].forEach((sum, i) => expect(w[i]).toBeCloseTo(-sum / 6, 5));
});

it('what `troupe` gathers runs in a page, on eager() after saying why', async () => {
  const chunk = await bundle('one-import.ts');
  expect(outside(chunk).filter((id) => !/[/\\]runtime-node[/\\]/.test(id))).toEqual([]);
  const { name, reason, length } = (await runInPage(chunk.code)) as { name: string; reason: string; length: number };
  expect(name).toBe('eager');
  expect(reason).toContain('Reason: onnx: expected Node');
  expect(length).toBe(1);
});

it('a learner learns in a page', async () => {
  const chunk = await bundle('learner.ts');
  expect(outside(chunk)).toEqual([]);
  expect(await runInPage(chunk.code)).toBeGreaterThan(0);
});
