const tseslint = require('typescript-eslint');

/** Imports point one way; each folder lists what it may not reach. */
const layer = (folder, forbidden) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: forbidden.map((group) => ({ group: [group], message: `src/${folder} may not import ${group}` })) },
    ],
  },
});

const outer = [
  '**/adapters/**',
  '**/activities/**',
  '**/workflows/**',
  '**/client/**',
  '**/cli/**',
  '**/look-back/**',
  '**/sql/**',
  '**/stack/**',
  '**/worker',
  '**/worker/**',
];

module.exports = tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowThrowingAny: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    },
  },
  layer('core', ['**/ports/**', ...outer, 'node:*', '@temporalio/*', 'pg']),
  layer('ports', [...outer, '@temporalio/*', 'pg']),
  layer('adapters', [
    '**/activities/**',
    '**/workflows/**',
    '**/client/**',
    '**/cli/**',
    '**/look-back/**',
    '**/stack/**',
    '@temporalio/*',
  ]),
  layer('activities', [
    '**/adapters/**',
    '**/workflows/**',
    '**/client/**',
    '**/cli/**',
    '**/look-back/**',
    '**/stack/**',
    'pg',
  ]),
  layer('sql', [
    '**/ports/**',
    '**/adapters/**',
    '**/activities/**',
    '**/workflows/**',
    '**/client/**',
    '**/cli/**',
    '**/look-back/**',
    '**/stack/**',
    '@temporalio/*',
    'pg',
  ]),
  layer('workflows', [
    '**/sql/**',
    '**/ports/**',
    '**/adapters/**',
    '**/client/**',
    '**/cli/**',
    '**/look-back/**',
    '**/stack/**',
    'node:*',
    'zod',
    'pg',
  ]),
  layer('client', [
    '**/sql/**',
    '**/adapters/**',
    '**/activities/**',
    '**/cli/**',
    '**/look-back/**',
    '**/stack/**',
    '@temporalio/worker',
    'pg',
  ]),
  layer('look-back', [
    '**/workflows/**',
    '**/client/**',
    '**/cli/**',
    '**/stack/**',
    '**/worker',
    '**/worker/**',
    '@temporalio/*',
    'pg',
  ]),
);
