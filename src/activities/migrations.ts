import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { DataProgress } from '../core/backfill/progress';
import { plural } from '../core/plural';
import type { SealedEffect } from '../core/plan/effects';
import type { Invariant, Permit } from '../core/plan/plan';
import type { ReconcileRule } from '../core/plan/reconcile';
import type { Reconciliation } from '../core/release/reconciliation';
import { PortError } from '../ports/errors';
import { watchBaseline } from './backfill-guard';
import { lastBeat, withDataBeat } from './data-beat';
import type { LostCopy } from '../ports/migrations';
import { keepAlive } from './keep-alive';
import { checkPermit, openEffect } from './permit';
import type { Ports } from './ports';
import type { TrafficInput, UndoInput } from './traffic';
import { weighLosses } from './undo-losses';

export type ReconcileInput = { readonly permit: Permit; readonly rules: readonly ReconcileRule[] };

export type UndoMigrationInput = UndoInput & {
  /** Parts of the same migration whose undo follows this one. */
  readonly following?: readonly SealedEffect[];
  /** Who chose that rows are lost, and how many were found then. */
  readonly lose?: { readonly by: string; readonly why: string; readonly rows?: number };
  /** The forms of this migration, remembered before the undo. */
  readonly reconcile?: readonly ReconcileRule[];
};

export type VerifyInput = {
  readonly permit: Permit;
  readonly migrations: readonly SealedEffect[];
  readonly invariants: readonly Invariant[];
};

/** What was cut short by a cancel ends as cancelled, whatever the port made of it. */
const orCancelled = <T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> =>
  work.catch((error: unknown) => {
    throw signal.aborted ? new CancelledFailure(what) : error;
  });

/** Changes schema and data forward and back; the database's own ledger says what is applied. */
export const createMigrationActivities = (ports: Ports) => ({
  /** Applies one expand or contract part in one transaction, or builds one index outside of any. */
  migrate: ({ permit, sealed }: TrafficInput): Promise<string> =>
    withDataBeat(ports.now, async (tell, signal) => {
      const effect = openEffect(ports, permit, sealed, 'migrate');
      const database = ports.database(effect.target);
      const release = permit.seal.firstRunId;
      if (effect.part === 'index')
        await orCancelled(database.buildIndex(effect, release, tell, signal), signal, `${effect.apply.path} stopped`);
      else await orCancelled(database.apply(effect, release, signal), signal, `${effect.apply.path} stopped`);
      if (!(await database.isApplied(effect)))
        throw new PortError(
          'NotConverged',
          `${effect.target}: ${effect.apply.path} ran, but the ledger does not have it; it is tried again.`,
        );
      return `${effect.apply.path} applied`;
    }),

  /** Fills old rows batch by batch; killed at any moment it goes on where it was, and it rests while guardrails fail. */
  backfill: async ({ permit, sealed }: TrafficInput): Promise<string> => {
    const effect = openEffect(ports, permit, sealed, 'migrate');
    const signal = Context.current().cancellationSignal;
    const guard =
      effect.backfill === undefined
        ? undefined
        : watchBaseline(ports, effect.backfill.guard, permit.roles.baseline, { known: lastBeat()?.before, signal });
    const database = ports.database(effect.target);
    const run = (tell: (progress: DataProgress) => void) =>
      database.backfill(effect, permit.seal.firstRunId, tell, signal, guard?.whyRest);
    try {
      // It stops between two batches when it is told to; that is no fault of the database.
      const filling = withDataBeat(ports.now, run, () => guard?.before());
      const { rows, batches } = await orCancelled(filling, signal, `${effect.apply.path} stopped between batches`);
      return `${effect.apply.path}: ${rows} rows in ${batches} batches`;
    } finally {
      guard?.stop();
    }
  },

  /** Runs every part's check and every data invariant; a row returned is a violation. */
  verifyData: ({ permit, migrations, invariants }: VerifyInput): Promise<string> =>
    keepAlive(async () => {
      checkPermit(ports, permit);
      const parts = migrations.map((sealed) => openEffect(ports, permit, sealed, 'migrate'));
      const checks = parts.flatMap(({ target, check }) => (check === undefined ? [] : [{ target, query: check }]));
      const wrong: string[] = [];
      for (const { target, query } of [...checks, ...invariants]) {
        const rows = await ports.database(target).violations(query);
        if (rows > 0) wrong.push(`${query.path} returns ${rows} rows at ${target}`);
      }
      if (wrong.length > 0)
        throw ApplicationFailure.nonRetryable(
          `Schema or data is not as the checks demand: ${wrong.join('; ')}. A check returns no row when all is right.`,
          'CheckFailed',
        );
      return `right: ${plural(checks.length, 'check')}, ${plural(invariants.length, 'invariant')}`;
    }),

  /** Compares old and new form of the data, each pair in one consistent view; changes nothing. */
  reconcileData: ({ permit, rules }: ReconcileInput): Promise<readonly Reconciliation[]> =>
    keepAlive(async () => {
      checkPermit(ports, permit);
      const found: Reconciliation[] = [];
      // One after the other: each may read a whole table, and users read there too.
      for (const rule of rules) found.push(await ports.database(rule.target).reconcile(rule));
      return found;
    }),

  /** Undo of one part: first what it would lose is looked for, then what the old form says is remembered for the proof. */
  undoMigration: ({
    permit,
    sealed,
    onlyVerify,
    following = [],
    lose,
    reconcile = [],
  }: UndoMigrationInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'migrate');
      const database = ports.database(effect.target);
      const copies = onlyVerify ? [] : await undoPart();
      // What an earlier release applied is not this one's to undo, and stays.
      if ((await database.isApplied(effect)) && (await database.isUndoDue(effect, permit.seal.firstRunId)))
        throw new PortError('NotConverged', `${effect.target}: ${effect.key} is still applied; it is tried again.`);
      if ('skip' in effect.undo) return `nothing to undo: ${effect.undo.skip}`;
      const kept = copies.map(({ table, rows }) => `; ${plural(rows, 'lost row')} kept in ${table}`);
      return `${effect.undo.path} undone${kept.join('')}`;

      async function undoPart(): Promise<readonly LostCopy[]> {
        const release = permit.seal.firstRunId;
        const losses = await weighLosses(ports, { permit, effect, following, lose });
        if (await database.isUndoDue(effect, release))
          for (const rule of reconcile) await database.rememberOldForm(rule, release);
        return database.undo(effect, release, losses);
      }
    }),
});
