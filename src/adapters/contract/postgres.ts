import type { QuietReport } from '../../core/contract/quiet';
import type { RestorePoint } from '../../core/contract/restore-point';
import type { ContractPort, OldForm } from '../../ports/contract';
import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { createLedger, readEntry } from '../migrations/ledger-table';
import { withLockPatience } from '../migrations/lock-patience';
import { takeMigrationLock } from '../migrations/migration-lock';
import { limitTransaction } from '../migrations/sql-file';
import { describeDatabase } from '../postgres/address';
import { toPortError } from '../postgres/errors';
import { withSession, type Session } from '../postgres/session';
import { backUp } from './backup';
import type { ContractContext, PostgresContractOptions } from './context';
import { findDependents } from './dependents';
import { dropPart } from './drop';
import { keepCopy, type Source } from './keep-copy';
import { listKept, removeExpired, restoreCopy } from './kept-copies';
import { readLineage } from './lineage-table';
import { enterRelease } from './open-releases';
import { putPartBack } from './put-back';
import { findRemoved, nameRemoved, readFileOf } from './removed';
import { retirePart } from './retire';
import { readRetired } from './retired';
import { watchStatements } from './statement-watch';
import { createContractTables } from './tables';

/** A copy reads and writes as long as its rows need; what `maxCopy` allows is done within this. */
const copyTimeoutMs = 3_600_000;

/** Contracts of one PostgreSQL database; every call connects anew, and one changes the database at a time. */
export function createPostgresContract(options: PostgresContractOptions): ContractPort {
  const context: ContractContext = { ...options, target: describeDatabase(options.target, options.dsn) };
  const { target, dsn } = context;
  const read = <T>(what: string, work: (session: Session) => Promise<T>): Promise<T> =>
    withSession(dsn, 'spillway', work).catch((error: unknown) => {
      throw toPortError(error, { what, target });
    });
  const locked = <T>(release: string, what: string, work: (session: Session) => Promise<T>): Promise<T> =>
    withSession(dsn, `spillway ${release}`, async (session) => {
      await takeMigrationLock(session, what, target);
      await createLedger(session);
      await createContractTables(session);
      return withLockPatience(session, () => work(session), { ...context, what });
    }).catch((error: unknown) => {
      throw toPortError(error, { what, target });
    });
  return {
    look: (effect, release) =>
      locked(release, nameEffect(effect, 'look for readers'), (session) => look(session, context, { effect, release })),
    keep: (effect, release) => keepPart(context, locked, { effect, release }),
    retire: (effect, release, over = []) =>
      locked(release, nameEffect(effect, 'contract'), (session) =>
        retirePart(session, context, { effect, release, over }),
      ),
    enter: (release, isMigrating) => {
      const what = `start of ${release.workflowId}`;
      return withSession(dsn, `spillway ${release.release}`, (session) => {
        const attempt = () =>
          session.transaction(async () => {
            await limitTransaction(session, context);
            return enterRelease(session, release, isMigrating);
          });
        return withLockPatience(session, attempt, { ...context, what });
      }).catch((error: unknown) => {
        throw toPortError(error, { what, target });
      });
    },
    putBack: (effect, release, request = { rules: [], isAccepted: false }) =>
      locked(release, nameEffect(effect, 'put back'), (session) =>
        putPartBack(session, context, { effect, release, request }),
      ),
    drop: (effect, release) =>
      locked(release, nameEffect(effect, 'drop'), (session) => dropPart(session, context, { effect, release })),
    oldForm: (effect, release) => read('reading the ledger', (session) => readOldForm(session, { effect, release })),
    lineage: (service) => read('reading the lineage', (session) => readLineage(session, service)),
    isSuperuser: () =>
      read('reading the role', async (session) => {
        const { rows } = await session.query<{ is_superuser: boolean }>(
          'select rolsuper as is_superuser from pg_roles where rolname = current_user',
        );
        return rows[0]?.is_superuser === true;
      }),
    kept: () => read('reading the copies', listKept),
    restoreKept: (name) =>
      locked('restore', `restore of ${name}`, (session) =>
        restoreCopy(session, { ...context, statementTimeoutMs: copyTimeoutMs }, name),
      ),
    removeExpired: () => locked('restore', 'removal of old copies', removeExpired),
  };
}

type Part = { readonly effect: MigrateEffect; readonly release: string };
type Locked = <T>(release: string, what: string, work: (session: Session) => Promise<T>) => Promise<T>;

async function look(session: Session, context: ContractContext, { effect, release }: Part): Promise<QuietReport> {
  const file = await readFileOf(effect);
  return session.transaction(async () => {
    await limitTransaction(session, context);
    const removed = await findRemoved(session, file);
    const own = new Set([...file.dropped, ...removed.flatMap(({ column }) => column ?? [])]);
    const found = [];
    for (const each of removed) found.push(...(await findDependents(session, each, own)));
    const dependents = [...new Map(found.map((each) => [`${each.kind} ${each.name}`, each])).values()];
    const removes = removed.map(nameRemoved);
    if (removed.length === 0) return { removes, dependents, readers: [], unlisted: 0 };
    const key = { release, migration: effect.migration };
    const seen = await watchStatements(session, key, { removed, roles: context.roles });
    return { removes, dependents: dependents.slice(0, 10), ...seen };
  });
}

async function keepPart(
  context: ContractContext,
  locked: Locked,
  { effect, release }: Part,
): Promise<readonly RestorePoint[]> {
  const { commands, target } = context;
  const file = await readFileOf(effect);
  if (commands !== undefined)
    return [await backUp(commands, { target, release, service: effect.origin?.service ?? '' })];
  const [first] = file.unkeepable;
  if (first !== undefined)
    throw new PortError(
      'Rejected',
      `${effect.apply.path}:${first.line}: no copy could bring back what this takes: ${first.why}, or name \`backup\` and \`testRestore\` commands for the target`,
    );
  const part = { release, migration: effect.migration };
  const patient = { ...context, statementTimeoutMs: Math.max(context.statementTimeoutMs, copyTimeoutMs) };
  const kept = await locked(release, nameEffect(effect, 'restore point'), async (session) => {
    const points: RestorePoint[] = [];
    for (const source of await sourcesOf(session, part, file))
      points.push(
        await session.transaction(async () => {
          await limitTransaction(session, patient);
          return keepCopy(session, patient, { source, part, keepMs: effect.rule?.keepMs ?? 0 });
        }, 'isolation level repeatable read'),
      );
    return points;
  });
  await locked(release, 'removal of old copies', removeExpired);
  return kept;
}

/** What is to be copied: where the file will remove it, or under its hidden name once it is renamed. */
async function sourcesOf(
  session: Session,
  part: { readonly release: string; readonly migration: string },
  file: Parameters<typeof findRemoved>[1],
): Promise<readonly Source[]> {
  const retired = await readRetired(session, part);
  if (retired === undefined || retired.isPutBack)
    return (await findRemoved(session, file)).map((at) => ({
      at,
      of: { schema: at.schema, table: at.table, ...(at.column === undefined ? {} : { column: at.column }) },
    }));
  if (retired.isDropped) return [];
  const sources: Source[] = [];
  for (const { of, at } of retired.objects) {
    const [found] = await findRemoved(session, { ...file, removals: [at] });
    if (found !== undefined) sources.push({ at: found, of });
  }
  return sources;
}

async function readOldForm(session: Session, { effect, release }: Part): Promise<OldForm> {
  const retired = await readRetired(session, { release, migration: effect.migration });
  if (retired !== undefined) return retired.isPutBack ? 'present' : retired.isDropped ? 'dropped' : 'renamed';
  const entry = await readEntry(session, effect);
  // An earlier release has contracted it.
  return entry !== undefined && entry.isApplied && !entry.isUndone ? 'dropped' : 'present';
}
