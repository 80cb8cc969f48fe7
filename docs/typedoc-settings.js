// Puts the tables of settings (`maddpgSettings`, …) into the API pages: on that of the function that takes them, and as
// comments of the properties of its options. The tables are data, which the compiler, and so TypeDoc, does not see.
import { readdirSync, readFileSync } from 'node:fs';
import { URL } from 'node:url';
import { describe } from '@troupe/core';
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** Functions that take the table of another name. */
const others = { tabularQ: 'linearSettings', linearQ: 'linearSettings', opponentModels: 'opponentModelSettings' };

const tablesOf = async () => {
  const folder = new URL('../packages/', import.meta.url);
  const tables = new Map();
  for (const name of readdirSync(folder)) {
    const source = readFileSync(new URL(`${name}/src/index.ts`, folder), 'utf8');
    if (!/\b\w+Settings\b/.test(source)) continue;
    const exported = await import(new URL(`${name}/dist/index.js`, folder).href);
    for (const [key, value] of Object.entries(exported)) {
      if (key.endsWith('Settings') && typeof value === 'object') tables.set(key, describe(value));
    }
  }
  return tables;
};

const cell = (text) => text.replaceAll('|', '\\|');
const markdown = (rows) =>
  ['', '', '| setting | default | may be | what it is |', '| --- | --- | --- | --- |']
    .concat(
      rows.map((row) => `| \`${row.name}\` | \`${cell(row.initial)}\` | ${cell(row.expected)} | ${cell(row.about)} |`),
    )
    .join('\n');

export const load = async (app) => {
  const tables = await tablesOf();
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { name, signatures = [] } of project.getReflectionsByKind(ReflectionKind.Function)) {
      const rows = tables.get(others[name] ?? `${name}Settings`);
      if (!rows) continue;
      for (const { comment } of signatures) comment?.summary.push({ kind: 'text', text: markdown(rows) });
    }
    for (const { name, children = [] } of project.getReflectionsByKind(ReflectionKind.Interface)) {
      const [, first, rest] = /^(.)(.*)Options$/.exec(name) ?? [];
      const rows = first && tables.get(`${first.toLowerCase()}${rest}Settings`);
      if (!rows) continue;
      for (const child of children) {
        const row = rows.find((one) => one.name === child.name);
        if (!row || child.comment) continue;
        const text = `${row.about}. May be ${row.expected}. Default \`${row.initial}\`.`;
        child.comment = new Comment([{ kind: 'text', text }]);
      }
    }
  });
};
