import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { createPgroll } from '../../src/adapters/migrations/tools/pgroll/pgroll';
import type { PgrollOptions } from '../../src/adapters/migrations/tools/pgroll/run-pgroll';

/** The version that the adapter was measured with; the set-up builds it where Go and a C compiler are. */
const version = '0.14.0';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where the set-up builds it, or writes down why it could not. */
const built = join(process.env['SPILLWAY_CACHE'] ?? join(homedir(), '.cache', 'spillway'), 'pgroll', version);
const reasonPath = join(built, 'not-built');

/** Where pgroll is: on the search path, or where the set-up built it; undefined when it is nowhere. */
export function findPgroll(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), built];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, 'pgroll'))
    .find(isProgram);
}

/**
 * `describe` where pgroll is. Where the set-up has written down why it could not be built the tests are skipped by a name that
 * says so; anywhere else, and where the project checks itself (`.ci/run`), that there is none is a failure.
 */
export function describeWithPgroll(name: string, tests: (pgroll: string) => void): void {
  const pgroll = findPgroll();
  if (pgroll !== undefined) return describe(name, () => tests(pgroll));
  const why = existsSync(reasonPath) ? readFileSync(reasonPath, 'utf8') : 'the set-up was not asked to build it';
  const next = 'It needs Go and a C compiler: node scripts/setup.mjs --with-tests';
  if (!existsSync(reasonPath) || process.env['SPILLWAY_TESTS_NEED_PGROLL'] === '1')
    return describe(name, () => {
      it('is tested with pgroll', () => {
        throw new Error(`There is no pgroll to test it with: ${why}. ${next}`);
      });
    });
  process.stderr.write(`\n! NOT TESTED: ${name}. There is no pgroll here: ${why}. ${next}\n\n`);
  describe.skip(`${name} (NOT TESTED: there is no pgroll here)`, () => tests('pgroll'));
}

/** The adapter with this binary; it fills in one batch and does not pause. */
export const createTestPgroll = (
  pgroll: string,
  change: Partial<PgrollOptions> & Pick<PgrollOptions, 'lockTimeoutMs' | 'statementTimeoutMs'>,
) =>
  createPgroll({
    command: [pgroll],
    schema: 'public',
    stateSchema: 'pgroll',
    batchRows: 1_000,
    batchDelayMs: 0,
    timeoutMs: 60_000,
    environment: process.env,
    ...change,
  });

/** Runs pgroll as a person would, in a folder with these files. */
export function runByHand(
  pgroll: string,
  dsn: string,
  files: { readonly [name: string]: string },
  ...args: readonly string[]
): void {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-pgroll-by-hand-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const env = { ...process.env, PGROLL_PG_URL: `${dsn}?sslmode=disable` };
    execFileSync(pgroll, [...args], { env, cwd: folder, stdio: 'ignore' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes an existing database ready for pgroll. */
export function makeReady(pgroll: string, dsn: string): void {
  runByHand(pgroll, dsn, {}, 'init');
  runByHand(pgroll, dsn, {}, 'baseline', '01_initial', '.', '--yes');
}
