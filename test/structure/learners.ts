import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packages, root, textOf } from './repository.js';

/** The names that a type refers to at its top: `Learner` of `Learner<G, S, X> & { … }`, of `Promise<Learner<…>>`, … */
const namesIn = (type: ts.TypeNode | undefined): string[] => {
  if (type === undefined) return [];
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap(namesIn);
  if (ts.isParenthesizedTypeNode(type)) return namesIn(type.type);
  if (!ts.isTypeReferenceNode(type)) return [];
  const name = type.typeName.getText();
  return name === 'Promise' ? namesIn(type.typeArguments?.[0]) : [name];
};
/** What a function answers, if the value declared is one. */
const resultOf = (type: ts.TypeNode | undefined): ts.TypeNode | undefined =>
  type && ts.isFunctionTypeNode(type) ? type.type : undefined;

/**
 * Exported functions that make a learner, as an API report says it: those that answer a `Learner`, or a type of the report
 * that extends one. Sorted.
 */
export const learnersIn = (report: string): string[] => {
  const code = /```ts\n([^]*?)```/.exec(report)?.[1] ?? '';
  const { statements } = ts.createSourceFile('report.d.ts', code, ts.ScriptTarget.Latest, true);
  const learners = new Set(['Learner']);
  const isLearner = (type: ts.TypeNode | undefined): boolean => namesIn(type).some((name) => learners.has(name));
  // A type may be declared before the one that it extends.
  for (let known = 0; known < learners.size;) {
    known = learners.size;
    for (const statement of statements) {
      if (ts.isTypeAliasDeclaration(statement) && isLearner(statement.type)) learners.add(statement.name.text);
      if (!ts.isInterfaceDeclaration(statement)) continue;
      const above =
        statement.heritageClauses?.flatMap(({ types }) => types.map((one) => one.expression.getText())) ?? [];
      if (above.some((name) => learners.has(name))) learners.add(statement.name.text);
    }
  }
  return statements
    .flatMap((statement) => {
      if (ts.isFunctionDeclaration(statement)) return isLearner(statement.type) ? [statement.name!.text] : [];
      if (!ts.isVariableStatement(statement)) return [];
      const makers = statement.declarationList.declarations.filter(({ type }) => isLearner(resultOf(type)));
      return makers.map(({ name }) => name.getText());
    })
    .sort();
};

/** Every learner that a package exports, as `package: export`; a package without an API report is one that nobody has. */
export const exportedLearners = (): string[] =>
  packages
    .filter(({ folder }) => folder !== 'troupe') // gathers what others export
    .flatMap(({ folder }) => {
      const report = `packages/${folder}/${folder}.api.md`;
      if (!existsSync(join(root, report))) return [`${folder}: (expected an API report: npm run api)`];
      return learnersIn(textOf(report)).map((name) => `${folder}: ${name}`);
    })
    .sort();
