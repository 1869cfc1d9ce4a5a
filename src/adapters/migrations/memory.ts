import type { SqlFile } from '../../core/plan/effects';
import { sha256Hex } from '../../core/canonical';
import { PortError } from '../../ports/errors';
import type { Trial } from '../../core/plan/trial';
import type {
  BatchProgress,
  MigrateEffect,
  MigrationsPort,
  SchemaSnapshot,
  TrialRequest,
} from '../../ports/migrations';
import { decideApply, decideUndo, nameEffect, type LedgerEntry } from './ledger';
import { walkTrial } from './trial/walk';

type MemoryOperation = 'snapshot' | 'apply' | 'backfill' | 'undo' | 'violations' | 'isApplied' | 'trial';

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
  /** Undos of the file at `path` do nothing from now on. */
  leaveBehind(path: string): void;
  /** Trials answer this from now on; `undefined`: they try. */
  answerTrial(answer: Trial | undefined): void;
  /** Somebody else changes the schema; `undefined` removes the object. */
  setObject(object: string, definition: string | undefined): void;
};

/** A database in memory: SQL is not read, each part that is applied is one object `migration <id>/<part>`. */
export function createMemoryMigrations(options: MemoryMigrationsOptions = {}): MemoryMigrations {
  const ledger = new Map((options.ledger ?? []).map((entry) => [keyOf(entry), entry]));
  const objects = new Map(Object.entries(options.objects ?? {}));
  const violations = new Map<string, number>();
  const inert = new Set<string>();
  let trialAnswer: Trial | undefined;
  const faults = new Map<MemoryOperation, PortError[]>();

  const step = <T>(operation: MemoryOperation, work: () => T | Promise<T>): Promise<T> => {
    const fault = faults.get(operation)?.shift();
    return fault === undefined ? Promise.resolve().then(work) : Promise.reject(fault);
  };
  const note = (effect: MigrateEffect, release: string, change: Partial<LedgerEntry>) => {
    const { migration, part } = effect;
    const fresh = { migration, part, checksum: effect.apply.sha256, release, isApplied: false, isUndone: false };
    const before = ledger.get(keyOf(effect));
    ledger.set(keyOf(effect), { ...fresh, batches: 0, rows: 0, ...before, release, ...change });
  };
  const apply = (effect: MigrateEffect, release: string) => {
    if (decideApply(ledger.get(keyOf(effect)), effect, release) === 'skip') return;
    note(effect, release, { checksum: effect.apply.sha256, isApplied: true, isUndone: false, batches: 0, rows: 0 });
    objects.set(`migration ${keyOf(effect)}`, effect.apply.sha256);
  };
  const undo = (effect: MigrateEffect, release: string) => {
    const decision = decideUndo(ledger.get(keyOf(effect)), release);
    if (decision === 'skip') return;
    note(effect, release, { isUndone: true });
    const { undo: file } = effect;
    if (decision === 'undo' && 'sql' in file && !inert.has(file.path)) objects.delete(`migration ${keyOf(effect)}`);
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
  const backfill: MigrationsPort['backfill'] = async (effect, release, onProgress, signal) => {
    for (;;) {
      if (signal.aborted) throw stopped(effect);
      const { progress, isDone } = await step('backfill', () => runBatch(effect, release));
      onProgress(progress);
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
    apply: (effect, release) => step('apply', () => apply(effect, release)),
    backfill,
    undo: (effect, release) => step('undo', () => undo(effect, release)),
    violations: (query: SqlFile) => step('violations', () => violations.get(query.path) ?? 0),
    isApplied: (effect) => step('isApplied', () => isApplied(effect)),
    trial: (request) => step('trial', () => trialAnswer ?? tryParts(request)),
    close: () => Promise.resolve(),
    failNext: (operation, error) => faults.set(operation, [...(faults.get(operation) ?? []), error]),
    setViolations: (path, count) => violations.set(path, count),
    leaveBehind: (path) => inert.add(path),
    answerTrial: (answer) => (trialAnswer = answer),
    setObject: (object, definition) => {
      if (definition === undefined) objects.delete(object);
      else objects.set(object, sha256Hex(definition));
    },
  };
}

function keyOf({ migration, part }: Pick<MigrateEffect, 'migration' | 'part'>): string {
  return `${migration}/${part}`;
}

function stopped(effect: MigrateEffect): PortError {
  const what = `${nameEffect(effect, 'backfill')} on ${effect.target}`;
  return new PortError('TargetUnavailable', `${what}: stopped; running it again goes on from there`);
}
