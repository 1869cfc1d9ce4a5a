import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execFileSync } from 'node:child_process';

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

/** Where pgroll is: on the search path, or where the set-up built it; undefined when it is nowhere. */
export function findPgroll(): string | undefined {
  const cache = process.env['SPILLWAY_CACHE'] ?? join(homedir(), '.cache', 'spillway');
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(cache, 'pgroll', version)];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, 'pgroll'))
    .find(isProgram);
}

/** `describe` where pgroll is; elsewhere the tests are skipped by a name that says so. */
export function describeWithPgroll(name: string, tests: (pgroll: string) => void): void {
  const pgroll = findPgroll();
  if (pgroll !== undefined) return describe(name, () => tests(pgroll));
  process.stderr.write(
    `! ${name}: not tested, there is no pgroll here (needs Go and a C compiler: node scripts/setup.mjs --with-tests)\n`,
  );
  describe.skip(`${name} (NOT TESTED: there is no pgroll here)`, () => tests('pgroll'));
}

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
