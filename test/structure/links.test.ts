import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root, textOf, trackedFiles } from './repository.js';

const pages = trackedFiles().filter((file) => file.endsWith('.md') && !file.endsWith('.api.md'));

/** Where the links of a page lead inside the repository, as paths from the root. Code is left out. */
const targetsOf = (page: string): string[] =>
  [
    ...textOf(page)
      .replace(/^ *```[^]*?^ *```/gm, '')
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target]) => target!)
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .map((target) => join(dirname(page), decodeURIComponent(target.replace(/[?#].*$/, ''))));

it('finds links', () => {
  expect(pages).toContain('README.md');
  expect(pages.flatMap(targetsOf).length).toBeGreaterThan(0);
});

it('every link to a file or folder of the repository leads somewhere', () => {
  const broken = pages.flatMap((page) =>
    targetsOf(page).flatMap((target) => (existsSync(join(root, target)) ? [] : [`${page}: ${target}`])),
  );
  expect(broken).toEqual([]);
});
