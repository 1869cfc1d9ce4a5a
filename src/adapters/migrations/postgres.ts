import type { MigrateEffect, MigrationsPort } from '../../ports/migrations';
import { describeDatabase } from '../postgres/address';
import { toPortError } from '../postgres/errors';
import { withSession, type Session } from '../postgres/session';
import { runBackfill } from './backfill';
import { buildIndex, undoIndex } from './index-build';
import { decideApply, decideUndo, nameEffect } from './ledger';
import { createLedger, noteApplied, readEntry } from './ledger-table';
import { noteLineage } from './lineage-notes';
import { withLockPatience } from './lock-patience';
import { findLosses } from './losses';
import { takeMigrationLock } from './migration-lock';
import { readOldForm, rememberOldForm } from './old-form';
import { reconcileForms } from './reconcile';
import { readSchemaSnapshot } from './schema-snapshot';
import { readLastChanges, readSchemaVersion } from './schema-version';
import { checkFile, limitTransaction, runFile } from './sql-file';
import { tryOnCopy, type TrialOptions } from './trial/try-on-copy';
import { undoPart } from './undo-part';
import { countViolations } from './violations';

export type PostgresMigrationsOptions = {
  readonly dsn: string;
  /** The schemas that belong to the service: a snapshot looks at these alone. */
  readonly schemas: readonly string[];
  /** The longest a statement queues for a lock before it gives way, to be tried again a little later. */
  readonly lockTimeoutMs: number;
  /** The longest one statement runs. */
  readonly statementTimeoutMs: number;
  /** The target's name in the environment file, for messages. */
  readonly target: string;
  /** How undos are tried on a copy; never when left out. */
  readonly trial?: TrialOptions | undefined;
};

/** The options with `target` saying where the database is as well. */
export type MigrationsContext = PostgresMigrationsOptions;

/** Migrations of one PostgreSQL database; every call connects anew, so nothing is held between calls. */
export function createPostgresMigrations(options: PostgresMigrationsOptions): MigrationsPort {
  const context: MigrationsContext = { ...options, target: describeDatabase(options.target, options.dsn) };
  const read = <T>(what: string, work: (session: Session) => Promise<T>): Promise<T> =>
    withSession(context.dsn, 'spillway', work).catch((error: unknown) => {
      throw toPortError(error, { what, target: context.target });
    });
  return {
    snapshot: () =>
      read('snapshot', (session) => readSchemaSnapshot(session, context.schemas, context.statementTimeoutMs)),
    schemaVersion: () => read('schema version', (session) => readSchemaVersion(session, context.schemas)),
    lastChanges: (tables) => read('last changes', (session) => readLastChanges(session, tables)),
    apply: (effect, release) =>
      locked(context, { release, what: nameEffect(effect, 'apply') }, (session) =>
        applyPart(session, context, { effect, release }),
      ),
    backfill: (effect, release, onProgress, signal, whyRest) => {
      const what = nameEffect(effect, 'backfill');
      return locked(context, { release, what }, (session) =>
        runBackfill(session, { ...context, effect, release }, { onProgress, signal, whyRest }),
      );
    },
    buildIndex: (effect, release, onProgress, signal) =>
      locked(context, { release, what: nameEffect(effect, 'build') }, (session) =>
        buildIndex(session, { ...context, effect, release }, { onProgress, signal }),
      ),
    undo: (effect, release, losses) =>
      locked(context, { release, what: nameEffect(effect, 'undo') }, (session) =>
        effect.part === 'index'
          ? undoIndex(session, { ...context, effect, release }).then(() => [])
          : undoPart(session, context, { effect, release, losses }),
      ),
    isUndoDue: (effect, release) =>
      read('reading the ledger', async (session) => decideUndo(await readEntry(session, effect), release) === 'undo'),
    losses: (query) => read('losses', (session) => findLosses(session, context, query)),
    reconcile: (rule) => read(`reconcile ${rule.id}`, (session) => reconcileForms(session, context, rule)),
    rememberOldForm: (rule, release) =>
      locked(context, { release, what: `reconcile ${rule.id}` }, (session) =>
        rememberOldForm(session, context, { rule, release }),
      ),
    readOldForm: (rule, release) =>
      read(`reconcile ${rule.id}`, (session) => readOldForm(session, context, { rule, release })),
    violations: (query) => read('check', (session) => countViolations(session, context, query)),
    isApplied: (effect) => read('reading the ledger', (session) => isApplied(session, effect)),
    trial: (request) =>
      tryOnCopy(context, request, (dsn) => createPostgresMigrations({ ...options, dsn, target: 'the copy' })).catch(
        (error: unknown) => {
          throw toPortError(error, { what: 'trial of the migrations', target: context.target });
        },
      ),
    close: () => Promise.resolve(),
  };
}

type Part = { readonly effect: MigrateEffect; readonly release: string };

async function locked<T>(
  { dsn, target }: MigrationsContext,
  { release, what }: { readonly release: string; readonly what: string },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await withSession(dsn, `spillway ${release}`, async (session) => {
      await takeMigrationLock(session, what, target);
      await createLedger(session);
      return work(session);
    });
  } catch (error) {
    throw toPortError(error, { what, target });
  }
}

async function applyPart(session: Session, context: MigrationsContext, { effect, release }: Part): Promise<void> {
  const what = nameEffect(effect, 'apply');
  const checked = await checkFile(effect.apply, what, context.target);
  const attempt = () =>
    session.transaction(async () => {
      await limitTransaction(session, context);
      if (decideApply(await readEntry(session, effect), effect, release) === 'skip') {
        // The version comes with it all the same.
        await noteLineage(session, effect, { release, isUndone: false });
        return;
      }
      // Before the file runs: it may change the role that it goes on with.
      await noteApplied(session, effect, { release, progress: { batches: 0, rows: 0 }, isDone: true });
      await runFile(session, { ...context, checked, what });
    });
  return withLockPatience(session, attempt, { ...context, what });
}

async function isApplied(session: Session, effect: MigrateEffect): Promise<boolean> {
  const entry = await readEntry(session, effect);
  return entry !== undefined && entry.isApplied && !entry.isUndone && entry.checksum === effect.apply.sha256;
}
