import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  adversarial,
  describeObservations,
  foodCollect,
  grassland,
  populationSpread,
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  type ObservationSchema,
} from '@troupe/particle-world';

/** The page that has the tables. */
export const page = new URL('../../../docs/guide/9-particle-world.md', import.meta.url);

const scenarios: Readonly<Record<string, { readonly schemas: Readonly<Record<string, ObservationSchema>> }>> = {
  simple: simple(),
  simpleAdversary: simpleAdversary(),
  simpleCrypto: simpleCrypto(),
  simplePush: simplePush(),
  simpleReference: simpleReference(),
  simpleSpeakerListener: simpleSpeakerListener(),
  simpleSpread: simpleSpread(),
  simpleTag: simpleTag(),
  simpleWorldComm: simpleWorldComm(),
  foodCollect: foodCollect(),
  grassland: grassland(),
  adversarial: adversarial(),
  populationSpread: populationSpread(),
  'foodCollect, flat': foodCollect({ observe: 'flat' }),
};

const section = /<!-- observations -->[^]*<!-- \/observations -->/;

/** All tables in Markdown, of default settings. */
export const tables = (): string =>
  Object.entries(scenarios)
    .map(([name, { schemas }]) =>
      [
        `### ${name}`,
        '',
        '| group | components | part | shape | unit | what |',
        '| --- | --- | --- | --- | --- | --- |',
        ...describeObservations(schemas),
      ].join('\n'),
    )
    .join('\n\n');

/** The tables that the page has now. */
export const shown = (): string => section.exec(readFileSync(page, 'utf8'))?.[0] ?? '';

// `npx tsx packages/particle-world/test/observation-tables.ts` writes them into the page.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = readFileSync(page, 'utf8');
  const { format, resolveConfig } = await import('prettier');
  const filled = text.replace(section, () => `<!-- observations -->\n\n${tables()}\n\n<!-- /observations -->`);
  const path = fileURLToPath(page);
  writeFileSync(path, await format(filled, { ...(await resolveConfig(path)), filepath: path }));
}
