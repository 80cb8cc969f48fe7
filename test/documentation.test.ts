/**
 * The code in the documentation compiles under strict settings. A page is read from top to bottom: what its earlier blocks
 * declare and import, later ones may use. What a page leaves to its reader (`env`, `state`, …) is of any type; names that
 * packages export are what they are.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { packages, root, textOf, trackedFiles } from './structure/repository.js';

const pages = trackedFiles().filter(
  (file) => file === 'README.md' || /^(packages\/[^/]+\/README|docs\/guide\/[^/]+)\.md$/.test(file),
);
const blocksOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code]) => code!);

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
};
const fileOf = (page: string) => join(root, 'test', `${page.replace(/\W/g, '-')}.ts`);

/** Compiles texts as if they were files; answers what is wrong, by page. */
const compile = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly ts.Diagnostic[]> => {
  const sources = new Map([...texts].map(([page, text]) => [fileOf(page), text]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => sources.get(file) ?? readFile(file);
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = sources.get(file);
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return new Map(
    [...texts.keys()].map((page) => {
      const file = program.getSourceFile(fileOf(page))!;
      return [page, [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]];
    }),
  );
};

/** The blocks of a page, one inside the other, so that a later one may declare a name anew; imports come first. */
const nested = (blocks: readonly string[], before: string): string => {
  const imports = new Set<string>();
  const bodies = blocks.map((code) =>
    code
      .replace(
        /^import (type )?\{([^}]*)\} from '([^']+)';$/gm,
        (_, type: string | undefined, names: string, from: string) => {
          if (from.startsWith('.')) return ''; // a file of the reader's own
          for (const name of names.split(',')) {
            if (name.trim() !== '') imports.add(`import ${type ?? ''}{ ${name.trim()} } from '${from}';`);
          }
          return '';
        },
      )
      .replace(/^import .*;$/gm, (line) => (imports.add(line), ''))
      .replace(/^export /gm, ''),
  );
  if (bodies.length === 0) return 'export {};';
  return `${[...imports].join('\n')}\n${before}\nexport {};\n{\n${bodies.join('\n{\n')}\n${'}'.repeat(bodies.length)}`;
};

const exported = new Map(
  packages
    .filter(({ folder }) => folder !== 'troupe')
    .flatMap(({ folder, manifest }) =>
      [...textOf(`packages/${folder}/src/index.ts`).matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names]) =>
        names!.split(',').map((name) => [name.trim(), manifest.name] as const),
      ),
    ),
);
const common: Readonly<Record<string, string>> = {
  tf: "import * as tf from '@tensorflow/tfjs-core';",
  layers: "import { layers } from '@tensorflow/tfjs-layers';",
  sequential: "import { sequential } from '@tensorflow/tfjs-layers';",
  writeFileSync: "import { writeFileSync } from 'node:fs';",
};
/** Where more than a name has to be known of what a page leaves to its reader. */
const agent = "Group<readonly ['a'], Box, Discrete>";
const sides = `{ left: ${agent}; right: ${agent} }`;
const world = `import type { Box, Discrete, Group, VecEnv } from '@troupe/core'; declare const env: VecEnv<${sides}>;`;
const given: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/guide/8-populations.md': { env: world },
  'packages/population/README.md': {
    env: world,
    learner: "declare const learner: ReturnType<typeof import('@troupe/ddpg').maddpg<typeof env.groups>>;",
  },
};
/** What a page uses and does not declare. */
const missingIn = (found: readonly ts.Diagnostic[]): string[] => [
  ...new Set(
    found.flatMap(({ code, messageText }) =>
      [2304, 2503, 2552, 18004].includes(code)
        ? (/(?:name|namespace|property) '(\w+)'/.exec(ts.flattenDiagnosticMessageText(messageText, ' '))?.[1] ?? [])
        : [],
    ),
  ),
];
const declared = (name: string): string =>
  common[name] ??
  (exported.has(name) ? `import { ${name} } from '${exported.get(name)!}';` : `declare const ${name}: any;`);

it('every block of code compiles', () => {
  const blocks = new Map(pages.map((page) => [page, blocksOf(page)]));
  expect([...blocks.values()].flat().length).toBeGreaterThan(50);
  const alone = compile(new Map(pages.map((page) => [page, nested(blocks.get(page)!, '')])));
  const texts = new Map(
    pages.map((page) => [
      page,
      nested(
        blocks.get(page)!,
        missingIn(alone.get(page)!)
          .map((name) => given[page]?.[name] ?? declared(name))
          .join('\n'),
      ),
    ]),
  );
  const wrong = [...compile(texts)].flatMap(([page, found]) =>
    found.map(({ file, start = 0, messageText }) => {
      const line = file!.text.slice(file!.text.lastIndexOf('\n', start - 1) + 1).split('\n', 1)[0]!;
      return `${page}: ${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
  expect(wrong).toEqual([]);
});
