import { setTimeout as delay } from 'node:timers/promises';
import type { SqlFile } from '../../core/plan/effects';
import { sha256Hex } from '../../core/canonical';
import type { ReconcileRule } from '../../core/plan/reconcile';
import type { Trial } from '../../core/plan/trial';
import type { OldFormChange, Reconciliation } from '../../core/release/reconciliation';
import { PortError } from '../../ports/errors';
import type {
  BackfillProgress,
  BatchProgress,
  LostCopy,
  MigrateEffect,
  MigrationsPort,
  SchemaSnapshot,
  TrialRequest,
  UndoLosses,
} from '../../ports/migrations';
import { decideApply, decideUndo, ledgerPart, nameEffect, type LedgerEntry } from './ledger';
import { walkTrial } from './trial/walk';
import { refuseUnchosen } from './unchosen-losses';

type MemoryOperation =
  | 'snapshot'
  | 'schemaVersion'
  | 'apply'
  | 'backfill'
  | 'buildIndex'
  | 'undo'
  | 'losses'
  | 'reconcile'
  | 'oldForm'
  | 'violations'
  | 'isApplied'
  | 'trial';

export type MemoryMigrationsOptions = {
  /** What the schema holds besides what is applied here. */
  readonly objects?: SchemaSnapshot;
  /** Rows that each batch of every backfill changes, e.g. `[1000, 1000, 17]`; default none. */
  readonly batches?: readonly number[];
  /** What the ledger says at first. */
  readonly ledger?: readonly LedgerEntry[];
};

export type MemoryMigrations = MigrationsPort & {
  /** The next call of the operation fails with the error, before it does anything. */
  failNext(operation: MemoryOperation, error: PortError): void;
  /** What checks of the file at `path` count from now on. */
  setViolations(path: string, count: number): void;
  /** Keys of the rows that the query of losses at `path` finds from now on. */
  setLosses(path: string, keys: readonly string[]): void;
  /** What the forms of a rule say from now on; they agree on no rows at first. */
  setForms(rule: string, forms: Partial<Reconciliation>): void;
  /** Undos of the file at `path` do nothing from now on. */
  leaveBehind(path: string): void;
  /** Trials answer this from now on; `undefined`: they try. */
  answerTrial(answer: Trial | undefined): void;
  /** Somebody else changes the schema; `undefined` removes the object. */
  setObject(object: string, definition: string | undefined): void;
};

/** A database in memory: SQL is not read, each part that is applied is one object `migration <id>/<part>`. */
export function createMemoryMigrations(options: MemoryMigrationsOptions = {}): MemoryMigrations {
  const ledger = new Map((options.ledger ?? []).map((entry) => [`${entry.migration}/${entry.part}`, entry]));
  const objects = new Map(Object.entries(options.objects ?? {}));
  const violations = new Map<string, number>();
  const losses = new Map<string, readonly string[]>();
  const forms = new Map<string, Partial<Reconciliation>>();
  const remembered = new Map<string, Reconciliation>();
  const inert = new Set<string>();
  const kept = new Map<string, readonly LostCopy[]>();
  let trialAnswer: Trial | undefined;
  const faults = new Map<MemoryOperation, PortError[]>();

  const step = <T>(operation: MemoryOperation, work: () => T | Promise<T>): Promise<T> => {
    const fault = faults.get(operation)?.shift();
    return fault === undefined ? Promise.resolve().then(work) : Promise.reject(fault);
  };
  const note = (effect: MigrateEffect, release: string, change: Partial<LedgerEntry>) => {
    const { migration } = effect;
    const fresh = {
      migration,
      part: ledgerPart(effect),
      checksum: effect.apply.sha256,
      release,
      isApplied: false,
      isUndone: false,
    };
    const before = ledger.get(keyOf(effect));
    ledger.set(keyOf(effect), { ...fresh, batches: 0, rows: 0, passed: 0, ...before, release, ...change });
  };
  const apply = (effect: MigrateEffect, release: string) => {
    if (decideApply(ledger.get(keyOf(effect)), effect, release) === 'skip') return;
    note(effect, release, { checksum: effect.apply.sha256, isApplied: true, isUndone: false, batches: 0, rows: 0 });
    objects.set(`migration ${keyOf(effect)}`, effect.apply.sha256);
  };
  const undo = (effect: MigrateEffect, release: string, asked: UndoLosses | undefined): readonly LostCopy[] => {
    const decision = decideUndo(ledger.get(keyOf(effect)), release);
    if (decision === 'skip') return kept.get(`${release} ${keyOf(effect)}`) ?? [];
    if (decision !== 'undo' || !('sql' in effect.undo)) {
      note(effect, release, { isUndone: true });
      return [];
    }
    const copies = (asked?.queries ?? []).flatMap(({ path }) => {
      const rows = losses.get(path)?.length ?? 0;
      return rows === 0 ? [] : [{ table: `lost ${path}`, rows }];
    });
    refuseUnchosen(copies, asked?.chosen, `${nameEffect(effect, 'undo')} on ${effect.target}`);
    note(effect, release, { isUndone: true });
    if (!inert.has(effect.undo.path)) objects.delete(`migration ${keyOf(effect)}`);
    kept.set(`${release} ${keyOf(effect)}`, copies);
    return copies;
  };
  const reconcile = ({ id, table }: ReconcileRule): Reconciliation => {
    const none = { rows: 0, checksum: '0' };
    return { id, table, rows: 0, old: none, new: none, differing: 0, keys: [], ...forms.get(id) };
  };
  const remember = (rule: ReconcileRule, release: string): void => {
    const place = `${release} ${rule.id}`;
    if (!remembered.has(place)) remembered.set(place, reconcile(rule));
  };
  const readOldForm = (rule: ReconcileRule, release: string): OldFormChange | undefined => {
    const before = remembered.get(`${release} ${rule.id}`)?.old;
    if (before === undefined) return undefined;
    const now = { bucket: 0, ...reconcile(rule).old, writtenSince: 0 };
    return { id: rule.id, table: rule.table, before: [{ bucket: 0, ...before }], now: [now] };
  };
  /** One batch; true when there is nothing left. */
  const runBatch = (effect: MigrateEffect, release: string): { progress: BatchProgress; isDone: boolean } => {
    const entry = ledger.get(keyOf(effect));
    const decision = decideApply(entry, effect, release);
    const { batches, rows } = decision === 'apply' || entry === undefined ? { batches: 0, rows: 0 } : entry;
    if (decision === 'skip') return { progress: { batches, rows }, isDone: true };
    const changed = options.batches?.[batches] ?? 0;
    const isDone = changed === 0;
    const progress = isDone ? { batches, rows } : { batches: batches + 1, rows: rows + changed };
    note(effect, release, { ...progress, checksum: effect.apply.sha256, isApplied: isDone, isUndone: false });
    objects.set(`migration ${keyOf(effect)}`, effect.apply.sha256);
    return { progress, isDone };
  };
  const backfill: MigrationsPort['backfill'] = async (effect, release, onProgress, signal, whyRest) => {
    let last: BatchProgress = { batches: 0, rows: 0 };
    const tell = (resting?: BackfillProgress['resting']) =>
      onProgress({ ...last, unit: 'rows', done: last.rows, ...(resting === undefined ? {} : { resting }) });
    for (;;) {
      if (signal.aborted) throw stopped(effect);
      const because = await whyRest?.();
      if (because !== undefined) {
        tell({ because });
        await delay(10);
        continue;
      }
      const { progress, isDone } = await step('backfill', () => runBatch(effect, release));
      last = progress;
      tell();
      if (isDone) return progress;
    }
  };
  const isApplied = (effect: MigrateEffect) => {
    const entry = ledger.get(keyOf(effect));
    return entry !== undefined && entry.isApplied && !entry.isUndone && entry.checksum === effect.apply.sha256;
  };
  /** On a port of its own with the same objects. */
  const tryParts = (request: TrialRequest): Promise<Trial> => {
    const isOpen = (effect: MigrateEffect) =>
      decideApply(ledger.get(keyOf(effect)), effect, request.release) !== 'skip';
    const copy = createMemoryMigrations({ ...options, objects: Object.fromEntries(objects), ledger: [] });
    for (const path of inert) copy.leaveBehind(path);
    const { effects, contract } = request;
    return walkTrial(copy, { ...request, effects: effects.filter(isOpen), contract: contract.filter(isOpen) });
  };
  return {
    snapshot: () => step('snapshot', () => Object.fromEntries([...objects].sort(([a], [b]) => (a < b ? -1 : 1)))),
    schemaVersion: () => step('schemaVersion', () => sha256Hex(JSON.stringify([...objects].sort()))),
    lastChanges: () => step('schemaVersion', () => ({})),
    apply: (effect, release) => step('apply', () => apply(effect, release)),
    backfill,
    buildIndex: (effect, release) => step('buildIndex', () => apply(effect, release)),
    undo: (effect, release, asked) => step('undo', () => undo(effect, release, asked)),
    isUndoDue: (effect, release) => step('isApplied', () => decideUndo(ledger.get(keyOf(effect)), release) === 'undo'),
    losses: ({ path }) =>
      step('losses', () => ({ rows: losses.get(path)?.length ?? 0, keys: [...(losses.get(path) ?? [])] })),
    reconcile: (rule) => step('reconcile', () => reconcile(rule)),
    rememberOldForm: (rule, release) => step('oldForm', () => remember(rule, release)),
    readOldForm: (rule, release) => step('oldForm', () => readOldForm(rule, release)),
    violations: (query: SqlFile) => step('violations', () => violations.get(query.path) ?? 0),
    isApplied: (effect) => step('isApplied', () => isApplied(effect)),
    trial: (request) => step('trial', () => trialAnswer ?? tryParts(request)),
    close: () => Promise.resolve(),
    failNext: (operation, error) => faults.set(operation, [...(faults.get(operation) ?? []), error]),
    setViolations: (path, count) => violations.set(path, count),
    setLosses: (path, keys) => losses.set(path, keys),
    setForms: (rule, found) => forms.set(rule, found),
    leaveBehind: (path) => inert.add(path),
    answerTrial: (answer) => (trialAnswer = answer),
    setObject: (object, definition) => {
      if (definition === undefined) objects.delete(object);
      else objects.set(object, sha256Hex(definition));
    },
  };
}

function keyOf(effect: MigrateEffect): string {
  return `${effect.migration}/${ledgerPart(effect)}`;
}

function stopped(effect: MigrateEffect): PortError {
  const what = `${nameEffect(effect, 'backfill')} on ${effect.target}`;
  return new PortError('TargetUnavailable', `${what}: stopped; running it again goes on from there`);
}
