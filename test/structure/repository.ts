import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { packages, root, type Package } from '../../scripts/packages.js';

export { packages, root, type Package };

/** Files below a folder, as paths from the root. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

/** What git tracks and what is about to be tracked, deleted files left out. */
export const trackedFiles = (): string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && statSync(join(root, file), { throwIfNoEntry: false })?.isFile());

/** The text of a file, given its path from the root. */
export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** One import, export from, or import() of a source file. */
export interface Import {
  readonly file: string;
  readonly from: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  const named = clause.namedBindings;
  const allTypes = named !== undefined && ts.isNamedImports(named) && named.elements.every((one) => one.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && allTypes);
};

/** Everything that a file imports. */
export const importsOf = (file: string): Import[] => {
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push({ file, from: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly: isTypeOnly(node) });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ file, from: (node.argument.literal as ts.StringLiteral).text, typeOnly: true });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [what] = node.arguments;
      if (what && ts.isStringLiteral(what)) found.push({ file, from: what.text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const known = new Map<string, readonly Import[]>();

/** Everything that the sources of a package import. */
export const importsOfPackage = ({ folder }: Package): readonly Import[] => {
  const imports =
    known.get(folder) ??
    filesBelow(`packages/${folder}/src`)
      .filter((file) => file.endsWith('.ts'))
      .flatMap(importsOf);
  known.set(folder, imports);
  return imports;
};

/** The package that an import names: 'fp-ts' of 'fp-ts/lib/Either.js'. */
export const packageNameOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
