import { createHash, randomBytes } from 'node:crypto';
import { PortError } from '../../../ports/errors';
import { dsnOfDatabase } from '../../postgres/address';
import { sqlStateOf } from '../../postgres/errors';
import { withSession, type Session } from '../../postgres/session';

const prefix = 'spillway_trial_';
/** Making and dropping a database waits for the server's disk. */
const databaseTimeoutMs = 60_000;

/** There is no copy to try on, for a reason that a person can change. */
export class NoScratchDatabase extends Error {
  override readonly name = 'NoScratchDatabase';
  constructor(
    readonly why: string,
    readonly fix: string,
  ) {
    super(why);
  }
}

export type ScratchOptions = {
  /** Whose user makes the database, on whose server. */
  readonly dsn: string;
  /** Where the database is whose locale the scratch database takes. */
  readonly sourceDsn: string;
  readonly release: string;
};

/**
 * Makes an empty database for as long as `work` runs, and drops it whatever happens. What a killed worker left behind
 * is dropped first: its name says which database it was made beside, and nobody holds its lock any more.
 * @throws NoScratchDatabase when the user may not make one.
 */
export async function withScratchDatabase<T>(
  { dsn, sourceDsn, release }: ScratchOptions,
  work: (scratchDsn: string) => Promise<T>,
): Promise<T> {
  const locale = await withSession(sourceDsn, 'spillway trial', readLocale);
  return withSession(dsn, `spillway trial ${release}`, async (home) => {
    const mine = `${prefix}${await readHome(home)}_`;
    await dropLeftOvers(home, mine);
    const name = `${mine}${shorten(release)}_${randomBytes(4).toString('hex')}`;
    await home.query('select pg_advisory_lock(hashtextextended($1, 0))', { values: [name] });
    await createDatabase(home, name, locale);
    try {
      return await work(dsnOfDatabase(dsn, name));
    } finally {
      await dropDatabase(home, name);
    }
  });
}

/** A release's name is too long for that of a database. */
const shorten = (release: string): string => createHash('sha256').update(release).digest('hex').slice(0, 8);

async function readHome(home: Session): Promise<string> {
  const { rows } = await home.query<{ oid: string; may: boolean; name: string }>(
    `select d.oid::text as oid, r.rolcreatedb or r.rolsuper as may, quote_ident(r.rolname) as name
       from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`,
  );
  const [row] = rows;
  if (row === undefined) throw new PortError('Rejected', 'the server does not know its own database');
  if (row.may) return row.oid;
  throw new NoScratchDatabase(
    `user ${row.name} may not make databases`,
    `Run \`alter role ${row.name} createdb\`, or name a user who may under \`trial.dsn\` of the database in the environment.`,
  );
}

/** Options of `create database` that give a text the same order and case as in the source. */
async function readLocale(source: Session): Promise<string> {
  // As JSON, because the columns of the locale have other names in other versions of the server.
  const { rows } = await source.query<{ database: { readonly [column: string]: string | null } }>(
    `select to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(d.encoding)) as database
       from pg_database d where d.datname = current_database()`,
  );
  const found = rows[0]?.database ?? {};
  const provider = { c: 'libc', i: 'icu', b: 'builtin' }[found['datlocprovider'] ?? 'c'] ?? 'libc';
  const own = found['datlocale'] ?? found['daticulocale'];
  const options: readonly (readonly [string, string | null | undefined])[] = [
    ['encoding', found['encoding']],
    ['lc_collate', found['datcollate']],
    ['lc_ctype', found['datctype']],
    ['locale_provider', found['datlocprovider'] === undefined ? undefined : provider],
    [provider === 'icu' ? 'icu_locale' : 'builtin_locale', provider === 'libc' ? undefined : own],
    ['icu_rules', found['daticurules']],
  ];
  return options
    .flatMap(([name, value]) => (value === null || value === undefined ? [] : [`${name} ${literal(value)}`]))
    .join(' ');
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function createDatabase(home: Session, name: string, locale: string): Promise<void> {
  try {
    await home.query(`create database ${name} template template0 ${locale}`, { timeoutMs: databaseTimeoutMs });
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    throw new NoScratchDatabase(
      'the server does not let its user make a database (SQLSTATE 42501)',
      'Grant it, or name a user who may under `trial.dsn` of the database in the environment.',
    );
  }
}

// Databases are dropped by force: a session of a part that was given up on must not keep one.
const dropDatabase = (home: Session, name: string): Promise<unknown> =>
  home.query(`drop database if exists ${name} with (force)`, { timeoutMs: databaseTimeoutMs });

async function dropLeftOvers(home: Session, mine: string): Promise<void> {
  const { rows } = await home.query<{ name: string }>(
    `select datname as name from pg_database
      where starts_with(datname, $1) and pg_has_role(datdba, 'usage') and datname ~ '^[a-z0-9_]+$'`,
    { values: [mine] },
  );
  for (const { name } of rows) {
    const { rows: locks } = await home.query<{ free: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as free',
      { values: [name] },
    );
    if (locks[0]?.free === true) await dropDatabase(home, name);
  }
}
