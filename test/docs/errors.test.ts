import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sqlRules } from '../../src/sql/rules';
import { readPage, root } from './pages';

const source = (file: string): string => readFileSync(join(root, 'src', file), 'utf8');

/** The words of a union of text literals, `declared` being what stands right before it. */
function wordsOf(file: string, declared: string): readonly string[] {
  const text = source(file);
  const at = text.indexOf(declared);
  if (at < 0) throw new Error(`src/${file} declares no ${declared}`);
  // Comments inside a union may hold a semicolon.
  const rest = text.slice(at + declared.length).replaceAll(/\/\*\*.*?\*\//gs, '');
  const words = [...rest.slice(0, rest.indexOf(';')).matchAll(/'([\w-]+)'/g)].map(([, word]) => word ?? '');
  if (words.length === 0) throw new Error(`src/${file}: ${declared} has no words`);
  return words;
}

/** Codes of issues are not a union: they are found where they are written. */
function issueCodes(): readonly string[] {
  const files = ['core/descriptor', 'core/environment', 'core/policy', 'descriptor-files'].flatMap((folder) =>
    readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  const found = files.flatMap((file) =>
    [...source(file).matchAll(/\bcode: '([a-z][a-z-]*)'|: \['(file-[a-z-]+)',|refuse\('(file-[a-z-]+)'/g)].map(
      ([, ...groups]) => groups.find((group) => group !== undefined) ?? '',
    ),
  );
  return [...new Set(found)].sort();
}

/** The codes in the first column of a section's table. */
function documented(heading: string): readonly string[] {
  const [, section = ''] = readPage('docs/reference/errors.md').split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, code]) => code ?? '').sort();
}

it.each([
  ['Issues of the three files', issueCodes()],
  ['Refusals', wordsOf('core/plan/refusal.ts', 'type RefusalCode =')],
  ['Failures', wordsOf('core/release/events.ts', 'readonly code:')],
  ['Faults of targets', wordsOf('ports/errors.ts', 'export type PortErrorCode =')],
  ['Missing data', wordsOf('core/analysis/types.ts', 'export type MissingReason =')],
  ['Refusals of migration write', wordsOf('core/migration-writer/refusal.ts', 'type ChangeRefusalCode =')],
  ['Faults of the client', ['usage', ...wordsOf('client/client-error.ts', 'export type ClientErrorCode =')]],
])('%s: every code of the source has a line, and no other', (heading, codes) => {
  expect(documented(heading)).toEqual([...codes].sort());
});

it('every exit code has a line', () => {
  const codes = [...source('cli/exit-codes.ts').matchAll(/^ {2}\w+: (\d+),$/gm)].map(([, code]) => code ?? '');
  const lines = [...readPage('docs/reference/exit-codes.md').matchAll(/^\| (\d+) /gm)].map(([, code]) => code ?? '');
  expect(lines).toEqual(codes);
});

it('every table of the store has a line', () => {
  const tables = [
    ...source('adapters/store/schema.ts').matchAll(/create table (?:if not exists )?spillway_store\.(\w+)/g),
  ];
  const lines = [...readPage('docs/reference/store.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(lines).toEqual(tables.map(([, name]) => name));
});

it('every message has its name in the page for machines', () => {
  const page = readPage('docs/reference/messages.md');
  const names = wordsOf('core/release/messages.ts', 'export const messageNames =');
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it('every rule for SQL files has a line', () => {
  const page = readPage('docs/reference/sql-rules.md');
  const lines = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, code]) => code ?? '');
  const others = [
    ...source('sql/judge.ts')
      .concat(source('sql/parse.ts'))
      .matchAll(/code: '(sql-[a-z-]+)'/g),
    ...source('core/pgroll/judge.ts')
      .concat(source('core/pgroll/rules.ts'))
      .matchAll(/'(pgroll-[a-z-]+)'/g),
  ].map(([, code]) => code ?? '');
  expect(lines.sort()).toEqual([...new Set([...sqlRules.map(({ code }) => code), ...others])].sort());
});
