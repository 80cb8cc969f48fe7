/**
 * The public surface of every package as a committed file, packages/X/X.api.md, so that a change of it shows in review.
 *
 *   npm run api              writes the files
 *   npm run api -- --check   fails where a file is not what the package exports, or an export has no docstring
 */
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages, type Package } from './packages.js';

const quiet = { default: { logLevel: ExtractorLogLevel.None } };

const configOf = ({ folder, path, manifest }: Package, temporary: string): ExtractorConfig =>
  ExtractorConfig.prepare({
    configObjectFullPath: join(path, 'api-extractor.json'),
    packageJsonFullPath: join(path, 'package.json'),
    configObject: {
      projectFolder: path,
      mainEntryPointFilePath: join(path, 'dist/index.d.ts'),
      compiler: { tsconfigFilePath: join(path, 'tsconfig.json') },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFolder: path,
        reportFileName: folder,
        reportTempFolder: join(temporary, manifest.name),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // Links in comments are checked by typedoc; release tags are not used.
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
      },
    },
  });

/** What is exported without a docstring, as the report says it. */
const undocumented = (report: string): string[] =>
  [...report.matchAll(/^\/\/ @public \(undocumented\)\n(.*)$/gm)].map(([, line]) => line!);

const name = '(?:"[^"\\n]*"|[\\w.]+)';
const union = new RegExp(`${name}(?: \\| ${name})+`, 'g');
/**
 * The lines of a report, and the members of the unions in them, sorted: the compiler's own order, of unions and of the
 * members of computed types, depends on what it has seen before.
 */
const settled = (report: string): string =>
  report
    .replace(union, (members) => members.split(' | ').sort().join(' | '))
    .split('\n')
    .sort()
    .join('\n');

/** Everything wrong with one package. */
const examine = (one: Package, check: boolean, temporary: string): string[] => {
  const file = `packages/${one.folder}/${one.folder}.api.md`;
  const result = Extractor.invoke(configOf(one, temporary), {
    localBuild: !check,
    messageCallback: (message) => {
      if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
    },
  });
  if (!check) {
    if (result.apiReportChanged) console.log(`${file}: written`);
    return result.succeeded ? [] : [`${file}: not written`];
  }
  const now = readFileSync(join(temporary, one.manifest.name, `${one.folder}.api.md`), 'utf8');
  const before = join(one.path, `${one.folder}.api.md`);
  const committed = existsSync(before) ? readFileSync(before, 'utf8') : '';
  const bare = undocumented(now);
  return [
    ...(settled(now) !== settled(committed) ? [`${file}: not what the package exports (npm run api writes it)`] : []),
    ...(result.errorCount > 0 ? [`${file}: the declarations have errors`] : []),
    ...bare.map((line) => `packages/${one.folder}: exported without a docstring: ${line}`),
  ];
};

const temporary = mkdtempSync(join(tmpdir(), 'troupe-api-'));
try {
  const check = process.argv.includes('--check');
  const wrong = packages.flatMap((one) => examine(one, check, temporary));
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(`${packages.length} packages as reported`);
} finally {
  rmSync(temporary, { recursive: true });
}
