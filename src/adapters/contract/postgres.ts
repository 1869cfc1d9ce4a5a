import type { ContractPort, OldForm } from '../../ports/contract';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { createLedger, readEntry } from '../migrations/ledger-table';
import { withLockPatience } from '../migrations/lock-patience';
import { takeMigrationLock } from '../migrations/migration-lock';
import { limitTransaction } from '../migrations/sql-file';
import { describeDatabase } from '../postgres/address';
import { toPortError } from '../postgres/errors';
import { isSuperuser } from '../postgres/is-superuser';
import { withSession, type Session } from '../postgres/session';
import type { ContractContext, Locked, PostgresContractOptions } from './context';
import { dropPart } from './drop';
import { copyTimeoutMs, keepPart } from './keep-part';
import { listKept, removeExpired } from './kept-copies';
import { readLineage } from './lineage-table';
import { look } from './look';
import { enterRelease } from './open-releases';
import { putPartBack } from './put-back';
import { restoreCopy } from './restore-copy';
import { retirePart } from './retire';
import { readRetired } from './retired';
import { createContractTables } from './tables';

/** Contracts of one PostgreSQL database; every call connects anew, and one changes the database at a time. */
export function createPostgresContract(options: PostgresContractOptions): ContractPort {
  const context: ContractContext = { ...options, target: describeDatabase(options.target, options.dsn) };
  const { target, dsn } = context;
  const read = <T>(what: string, work: (session: Session) => Promise<T>): Promise<T> =>
    withSession(dsn, 'spillway', work).catch((error: unknown) => {
      throw toPortError(error, { what, target });
    });
  const locked: Locked = (release, what, work) =>
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
    putBack: (effect, release, request = { rules: [], acceptedRows: 0 }) =>
      locked(release, nameEffect(effect, 'put back'), (session) =>
        putPartBack(session, context, { effect, release, request }),
      ),
    drop: (effect, release) =>
      locked(release, nameEffect(effect, 'drop'), (session) => dropPart(session, context, { effect, release })),
    oldForm: (effect, release) => read('reading the ledger', (session) => readOldForm(session, { effect, release })),
    lineage: (service) => read('reading the lineage', (session) => readLineage(session, service)),
    isSuperuser: () => read('reading the role', isSuperuser),
    kept: () => read('reading the copies', listKept),
    restoreKept: (name) =>
      locked('restore', `restore of ${name}`, (session) => restoreCopy(session, { ...context, copyTimeoutMs }, name)),
    removeExpired: () => locked('restore', 'removal of old copies', (session) => removeExpired(session, context)),
  };
}

type Part = { readonly effect: MigrateEffect; readonly release: string };

async function readOldForm(session: Session, { effect, release }: Part): Promise<OldForm> {
  const retired = await readRetired(session, { release, migration: effect.migration });
  if (retired !== undefined) return retired.isPutBack ? 'present' : retired.isDropped ? 'dropped' : 'renamed';
  const entry = await readEntry(session, effect);
  // An earlier release has contracted it.
  return entry !== undefined && entry.isApplied && !entry.isUndone ? 'dropped' : 'present';
}
