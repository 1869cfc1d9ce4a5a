import { PortError } from '../../../ports/errors';
import type { LostCopy, MigrateEffect, MigrationsPort, SchemaSnapshot, UndoLosses } from '../../../ports/migrations';
import { dbmateSection, toolOf } from '../../../sql/tool-file';
import { describeDatabase } from '../../postgres/address';
import { toPortError } from '../../postgres/errors';
import { withSession, type Session } from '../../postgres/session';
import { decideApply, decideUndo, nameEffect } from '../ledger';
import { forgetLostCopies, keepLostRows, readLostCopies } from '../kept-rows';
import { createLedger, noteApplied, noteUndone, readEntry } from '../ledger-table';
import { noteLineage } from '../lineage-notes';
import { takeMigrationLock } from '../migration-lock';
import { createPostgresMigrations, type PostgresMigrationsOptions } from '../postgres';
import { limitTransaction, readStatements } from '../sql-file';
import { stopWriters } from '../stop-writers';
import { tryOnCopy } from '../trial/try-on-copy';
import { endOrphans } from './end-orphans';
import type { MigrationTool } from './tool';
import { begunByHand, notDone, unread } from './tool-faults';

const noProgress = { batches: 0, rows: 0 };
/** Stands in the ledger for what was applied by the tool before Spillway saw it: nobody's to undo. */
const byHand = 'applied before by the tool itself';

/**
 * Migrations of one database whose parts are run by a tool, all but backfill and indexes: batches, checks, snapshots, ledger and lock
 * stay Spillway's own, because no tool resumes a backfill or says truly what it left behind.
 */
export function createToolMigrations(options: PostgresMigrationsOptions, tool: MigrationTool): MigrationsPort {
  const own = createPostgresMigrations(options);
  /** Parts that Spillway runs itself. */
  const isOwn = (effect: MigrateEffect): boolean =>
    effect.part === 'backfill' || effect.part === 'index' || tool.leaves?.(effect) === true;
  const target = describeDatabase(options.target, options.dsn);
  const locked = async <T>(
    effect: MigrateEffect,
    release: string,
    verb: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> => {
    const what = nameEffect(effect, `${verb} by ${tool.name}`);
    try {
      return await withSession(options.dsn, `spillway ${release}`, async (session) => {
        await takeMigrationLock(session, what, target);
        await createLedger(session);
        if (tool.sessionName !== undefined) await endOrphans(session, tool.sessionName, `${what} on ${target}`);
        return work(session);
      });
    } catch (error) {
      throw toPortError(error, { what, target });
    }
  };
  const apply = (effect: MigrateEffect, release: string, signal: AbortSignal | undefined) =>
    locked(effect, release, 'apply', async (session) => {
      tool.check(effect);
      if (decideApply(await readEntry(session, effect), effect, release) === 'skip')
        return noteLineage(session, effect, { release, isUndone: false });
      const unfinished = await tool.whyUnfinished?.(session, effect);
      const isThere = unfinished === undefined && (await tool.isApplied(session, effect));
      const isUnknown = (await readEntry(session, effect)) === undefined;
      if (isUnknown && unfinished !== undefined) throw begunByHand(tool, effect, target, unfinished);
      if (isThere && isUnknown)
        return noteApplied(session, effect, { release: byHand, progress: noProgress, isDone: true });
      // Noted before it runs: what is half done after a kill is this release's to finish or to undo.
      await noteApplied(session, effect, { release, progress: noProgress, isDone: false });
      if (!isThere) await tool.up(effect, options.dsn, { session, target, signal });
      if (!(await tool.isApplied(session, effect))) throw unread(tool, effect, target, 'applied');
      const left = await tool.whyUnfinished?.(session, effect);
      if (left !== undefined) throw notDone(tool, effect, target, left);
      await noteApplied(session, effect, { release, progress: noProgress, isDone: true });
    });
  const undo = (effect: MigrateEffect, release: string, losses: UndoLosses | undefined): Promise<readonly LostCopy[]> =>
    locked(effect, release, 'undo', async (session) => {
      const decision = decideUndo(await readEntry(session, effect), release);
      if (decision === 'skip') return readLostCopies(session, { effect, release });
      if (decision === 'undo' && 'sql' in effect.undo && (await tool.isApplied(session, effect))) {
        tool.check(effect);
        // The tool has a connection of its own, so the lock ends before it begins: it has waited for late writers, it keeps none out.
        if (losses !== undefined)
          await session.transaction(async () => {
            await limitTransaction(session, options);
            await stopWriters(session, await wayBack(effect, target));
            await forgetLostCopies(session, { effect, release });
            await keepLostRows(session, { ...options, target }, { effect, release, losses });
          }, 'isolation level read committed');
        await tool.down(effect, options.dsn, { session, target });
        if (await tool.isApplied(session, effect)) throw unread(tool, effect, target, 'undone');
      }
      await noteUndone(session, effect, release);
      // Also those of an earlier attempt, whose worker died after the tool had ended.
      return readLostCopies(session, { effect, release });
    });
  const isNoted = (effect: MigrateEffect) =>
    withSession(options.dsn, 'spillway', (session) => tool.isApplied(session, effect)).catch((error: unknown) => {
      throw toPortError(error, { what: `reading what ${tool.name} has applied`, target });
    });
  const refuseUnready = async (parts: readonly MigrateEffect[]): Promise<void> => {
    if (!('whyNotReady' in tool)) return;
    for (const part of parts.filter((each) => !isOwn(each))) {
      const why = await withSession(options.dsn, 'spillway', async (session) =>
        tool.whyNotReady?.(session, part),
      ).catch((error: unknown) => {
        throw toPortError(error, { what: `looking whether ${tool.name} is ready`, target });
      });
      if (why !== undefined) throw new PortError('Rejected', `${nameEffect(part, 'apply')} on ${target}: ${why}`);
    }
  };
  return {
    ...own,
    snapshot: async () => withoutOwn(await own.snapshot(), tool.ownRelations),
    apply: (effect, release, signal) =>
      isOwn(effect) ? own.apply(effect, release, signal) : apply(effect, release, signal),
    undo: (effect, release, losses) =>
      isOwn(effect) ? own.undo(effect, release, losses) : undo(effect, release, losses),
    isApplied: async (effect) => (await own.isApplied(effect)) && (isOwn(effect) || (await isNoted(effect))),
    trial: async (request) => {
      for (const effect of [...request.effects, ...request.contract]) if (!isOwn(effect)) tool.check(effect);
      await refuseUnready([...request.effects, ...request.contract]);
      const { dsn: database, trial } = options;
      const notTried = await tool.whyNotTried?.({ database, trial: trial?.dsn ?? database });
      if (notTried !== undefined) return { outcome: 'not-tried', ...notTried };
      return tryOnCopy({ ...options, target }, request, (dsn) =>
        createToolMigrations({ ...options, dsn, target: 'the copy' }, tool.forCopy?.() ?? tool),
      ).catch((error: unknown) => {
        throw toPortError(error, { what: 'trial of the migrations', target });
      });
    },
  };
}

/** The statements that take a part back, where they can be read: umzug's are code. */
const wayBack = async ({ undo }: MigrateEffect, target: string) =>
  'sql' in undo && toolOf(undo, 'undo') === 'dbmate'
    ? readStatements({ ...undo, sql: dbmateSection(undo.sql, 'undo') }, `${undo.path} on ${target}`)
    : [];

/** What the tool keeps for itself is neither part of the schema before nor after. */
function withoutOwn(snapshot: SchemaSnapshot, relations: readonly string[]): SchemaSnapshot {
  const isOwn = (object: string): boolean => {
    const name = object.slice(object.indexOf(' ') + 1).replaceAll('"', '');
    return relations.some((own) => name === own || name.startsWith(`${own}.`) || name === `${own}_pkey`);
  };
  return Object.fromEntries(Object.entries(snapshot).filter(([object]) => !isOwn(object)));
}
