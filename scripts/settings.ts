/** `tsx scripts/settings.ts [--check]`: writes the tables of settings into the READMEs, or checks that they are there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type Fields } from '@troupe/core';
import { maddpgSettings } from '@troupe/ddpg';
import {
  continuousDqnSettings,
  covarianceAdaptationSettings,
  crossEntropySettings,
  dqnSettings,
  linearSettings,
  nafSettings,
  opponentModelSettings,
  qmixSettings,
  recurrentDqnSettings,
} from '@troupe/q-learning';
import {
  a2cSettings,
  comaSettings,
  happoSettings,
  hatrpoSettings,
  ippoSettings,
  maa2cSettings,
  mappoSettings,
  ppoSettings,
  trpoSettings,
} from '@troupe/trust-region';
import { format, resolveConfig } from 'prettier';

/** The settings that another table does not have, or has otherwise. */
const differing = (fields: Fields, from: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([name, { initial, about }]) => {
      const other = from[name];
      return other?.about !== about || JSON.stringify(other.initial) !== JSON.stringify(initial);
    }),
  );

/** Defaults side by side, of settings whose defaults differ. */
const defaultsOf = (all: Readonly<Record<string, Fields>>): string => {
  const columns = Object.entries(all).map(
    ([name, fields]) => [name, new Map(describe(fields).map((one) => [one.name, one.initial]))] as const,
  );
  const names = [...new Set(columns.flatMap(([, initial]) => [...initial.keys()]))];
  const rows = names.flatMap((name) => {
    const values = columns.map(([, initial]) => initial.get(name));
    const given = values.filter((value) => value !== undefined);
    return new Set(given).size > 1
      ? [`| \`${name}\` | ${values.map((x) => (x === undefined ? '' : `\`${x}\``)).join(' | ')} |`]
      : [];
  });
  return [
    `| setting | ${columns.map(([name]) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...rows,
  ].join('\n');
};

/** Where each table stands: between `<!-- settings: NAME -->` and `<!-- /settings -->`. */
const tables: Readonly<
  Record<
    string,
    { readonly file: string; readonly fields: Fields } | { readonly file: string; readonly text: () => string }
  >
> = {
  maddpg: { file: 'packages/ddpg/README.md', fields: maddpgSettings },
  dqn: { file: 'packages/q-learning/README.md', fields: dqnSettings },
  recurrent: { file: 'packages/q-learning/README.md', fields: differing(recurrentDqnSettings, dqnSettings) },
  linear: { file: 'packages/q-learning/README.md', fields: linearSettings },
  qmix: { file: 'packages/q-learning/README.md', fields: qmixSettings },
  opponentModels: { file: 'packages/q-learning/README.md', fields: opponentModelSettings },
  naf: { file: 'packages/q-learning/README.md', fields: nafSettings },
  continuousDqn: { file: 'packages/q-learning/README.md', fields: differing(continuousDqnSettings, nafSettings) },
  crossEntropy: { file: 'packages/q-learning/README.md', fields: crossEntropySettings },
  covarianceAdaptation: { file: 'packages/q-learning/README.md', fields: covarianceAdaptationSettings },
  happo: { file: 'packages/trust-region/README.md', fields: happoSettings },
  hatrpo: { file: 'packages/trust-region/README.md', fields: differing(hatrpoSettings, happoSettings) },
  'trust-region defaults': {
    file: 'packages/trust-region/README.md',
    text: () =>
      defaultsOf({
        ppo: ppoSettings,
        trpo: trpoSettings,
        ippo: ippoSettings,
        mappo: mappoSettings,
        happo: happoSettings,
        hatrpo: hatrpoSettings,
      }),
  },
  'policy gradients': {
    file: 'packages/trust-region/README.md',
    text: () => defaultsOf({ a2c: a2cSettings, maa2c: maa2cSettings }),
  },
  coma: { file: 'packages/trust-region/README.md', fields: comaSettings },
};
const cell = (text: string): string => text.replaceAll('|', '\\|');
const rowsOf = (fields: Fields): string =>
  [
    '| setting | default | may be | what it is |',
    '| --- | --- | --- | --- |',
    ...describe(fields).map(
      ({ name, initial, expected, about }) => `| \`${name}\` | \`${initial}\` | ${cell(expected)} | ${cell(about)} |`,
    ),
  ].join('\n');

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
let stale = false;
for (const [name, table] of Object.entries(tables)) {
  const { file } = table;
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  const section = new RegExp(`<!-- settings: ${name} -->[\\s\\S]*?<!-- /settings -->`);
  if (!section.test(text)) throw new Error(`settings: expected a section '<!-- settings: ${name} -->' in ${file}`);
  const filled = text.replace(
    section,
    () =>
      `<!-- settings: ${name} -->\n\n${'fields' in table ? rowsOf(table.fields) : table.text()}\n\n<!-- /settings -->`,
  );
  const wanted = await format(filled, { ...(await resolveConfig(path)), filepath: path });
  if (wanted === text) continue;
  stale = true;
  if (check) console.error(`settings: the table '${name}' in ${file} is not what the code says; run npm run settings`);
  else writeFileSync(path, wanted);
}
if (check && stale) process.exit(1);
