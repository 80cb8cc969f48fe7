import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const restrictedImports = {
  patterns: [
    {
      regex: '^fp-ts/(?!lib/\\w+\\.js$)',
      message: "Import 'fp-ts/lib/X.js': what lies elsewhere type-checks, but Node cannot load it.",
    },
    {
      group: ['@tensorflow/*/dist', '@tensorflow/*/dist/*'],
      message: 'Import from the package itself: Node cannot load its inner files as modules.',
    },
    { regex: '^@troupe/[^/]+/.+', message: "Import from '@troupe/<package>': only its index is public." },
    { regex: '^(\\.\\./)+[a-z][a-z-]*/(src|dist)/', message: 'Import another package by its name.' },
  ],
};

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'docs/api/', 'coverage/', 'output/', 'test/outsider/project/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        // Sources belong to their packages, everything else to the tools' project.
        project: ['packages/*/tsconfig.json', 'tsconfig.tools.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-restricted-imports': ['error', restrictedImports],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['warn'] }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Indexing typed arrays gives `number | undefined` (noUncheckedIndexedAccess): loops over them need `!`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What comes in at the door may not be what its type says: callers write JavaScript too, and tfjs's types err.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Type parameters that are used once are how groups and spaces are inferred and named.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['examples/**', 'benchmarks/**', 'experiments/**', 'scripts/**', '**/test/**'],
    rules: {
      'no-console': 'off',
      // Tests take functions off objects to see whether they are there, and use values only to see their types.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
);
