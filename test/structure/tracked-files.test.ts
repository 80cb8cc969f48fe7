import { expect, it } from 'vitest';
import { textOf, trackedFiles } from './repository.js';

const binary = /\.(gz|png|onnx|safetensors|wasm)$/;
const files = trackedFiles();

// Written in pieces, so that this file does not find itself.
const machinePath = new RegExp(`(?<![\\w.*@$}/-])/(${['work', 'home', 'root', 'farm', 'Users'].join('|')})/\\w`);
const registryHost = new RegExp(['registry', 'npmjs', 'org'].join('\\.'));
const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);

const linesWith = (pattern: RegExp, among: readonly string[]): string[] =>
  among.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
const texts = files.filter((file) => !binary.test(file));

it('finds the files of the repository', () => {
  expect(files).toContain('package.json');
  expect(files).toContain('packages/core/src/index.ts');
});

it('no file names a path of one machine', () => {
  expect('see /' + 'home/someone/x').toMatch(machinePath);
  expect(linesWith(machinePath, texts)).toEqual([]);
});

it('no file names a package registry', () => {
  expect(linesWith(registryHost, texts)).toEqual([]);
});

it('no source is left unfinished', () => {
  expect(
    linesWith(
      unfinished,
      texts.filter((file) => /\.(ts|js)$/.test(file)),
    ),
  ).toEqual([]);
});

it('no test is switched off or alone', () => {
  const tests = texts.filter((file) => file.endsWith('.test.ts'));
  const pattern = new RegExp(`\\b(it|test|describe)\\.(${['skip', 'only', 'todo', 'fails'].join('|')})\\(`);
  expect(linesWith(pattern, tests)).toEqual([]);
});
