/**
 * `tsx scripts/results.ts [--check]`: writes the tables of results into the pages of docs, between
 * `<!-- results: NAME -->` (or `<!-- results: NAME seeds FIRST-LAST -->`) and `<!-- /results -->`, from docs/results/*.json. With `--check` it fails where a table is
 * not what the files say, or a file's command is no longer one.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { experiments } from '../experiments/index.js';
import { readResult } from '../experiments/result-file.js';
import { root } from './packages.js';
import { faultsOf, fillTables } from './results-table.js';

const check = process.argv.includes('--check');
const folder = join(root, 'docs/results');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => ({ name, result: readResult(join(folder, name)) }));

const wrong: string[] = files.flatMap(({ name, result }) =>
  faultsOf(
    name,
    result,
    experiments.map((one) => one.name),
  ).map((fault) => `docs/results/${name}: ${fault}`),
);
const pages = readdirSync(join(root, 'docs'), { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
  .map((entry) => join(entry.parentPath, entry.name));
for (const path of pages) {
  const text = readFileSync(path, 'utf8');
  if (!text.includes('<!-- results:')) continue;
  const filled = fillTables(
    text,
    files.map(({ result }) => result),
  );
  const wanted = await format(filled, { ...(await resolveConfig(path)), filepath: path });
  if (wanted === text) continue;
  const page = path.slice(root.length);
  if (check) wrong.push(`${page}: a table is not what docs/results says; npm run results writes it`);
  else {
    writeFileSync(path, wanted);
    console.log(`${page}: written`);
  }
}
for (const line of wrong) console.error(`results: ${line}`);
if (wrong.length > 0) process.exitCode = 1;
