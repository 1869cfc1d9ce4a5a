import type { LineageEntry } from '../../core/contract/lineage';
import type { OpenRelease, RenamedForm } from '../../core/contract/open-release';
import { keptName } from '../../core/contract/names';
import type { QuietReport } from '../../core/contract/quiet';
import type { ContractPort, KeptCopy, OldForm, UnfilledRows } from '../../ports/contract';
import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';
import { keepTimeMs } from './keep-time';
import { readFileOf } from './removed';

type MemoryOperation = 'look' | 'keep' | 'retire' | 'putBack' | 'drop' | 'oldForm' | 'enter';

export type MemoryContractOptions = {
  /** The ledger's side of it: a part is applied when it is retired, and undone when it is put back. */
  apply(effect: MigrateEffect, release: string): Promise<void>;
  undo(effect: MigrateEffect, release: string): Promise<unknown>;
  isApplied(effect: MigrateEffect): Promise<boolean>;
};

export type MemoryContract = ContractPort & {
  /** What every look finds from now on, beside what the file removes. */
  setReport(report: Partial<QuietReport>): void;
  setSuperuser(isSuperuser: boolean): void;
  /** Rows that a way back would leave without their old form from now on. */
  setUnfilled(unfilled: readonly UnfilledRows[]): void;
  setLineage(entries: readonly LineageEntry[]): void;
  /** The next call of the operation fails with the error, before it does anything. */
  failNext(operation: MemoryOperation, error: PortError): void;
};

const nothingSeen: Omit<QuietReport, 'removes'> = { dependents: [], readers: [], unlisted: 0, quietMs: 0 };

/** A database in memory whose old form stands, is renamed, or is gone; SQL is read for what it removes, nothing else. */
export function createMemoryContract(ledger: MemoryContractOptions): MemoryContract {
  const forms = new Map<string, OldForm>();
  const copies = new Map<string, KeptCopy>();
  const entered = new Map<string, OpenRelease>();
  const renamed = new Map<string, RenamedForm>();
  const faults = new Map<MemoryOperation, PortError[]>();
  let report: Partial<QuietReport> = {};
  let isSuperuser = false;
  let unfilled: readonly UnfilledRows[] = [];
  let lineage: readonly LineageEntry[] = [];
  const keyOf = ({ migration }: MigrateEffect, release: string): string => `${release} ${migration}`;
  const formOf = async (effect: MigrateEffect, release: string): Promise<OldForm> =>
    forms.get(keyOf(effect, release)) ?? ((await ledger.isApplied(effect)) ? 'dropped' : 'present');
  const step = async <T>(operation: MemoryOperation, work: () => Promise<T>): Promise<T> => {
    const fault = faults.get(operation)?.shift();
    if (fault !== undefined) throw fault;
    return work();
  };
  const namesOf = async (effect: MigrateEffect) =>
    (await readFileOf(effect)).removals.map((removal) => ({
      removal,
      of: [removal.schema ?? 'public', removal.table, ...(removal.column === undefined ? [] : [removal.column])].join(
        '.',
      ),
    }));
  return {
    look: (effect) =>
      step('look', async () => ({ removes: (await namesOf(effect)).map(({ of }) => of), ...nothingSeen, ...report })),
    keep: (effect, release) =>
      step('keep', async () =>
        (await namesOf(effect)).map(({ removal, of }) => {
          const now = Date.now();
          const name = keptName(removal, release);
          const takenAt = new Date(now).toISOString();
          const keptUntil = new Date(now + keepTimeMs(effect)).toISOString();
          const point = { name, of, rows: 0, bytes: 0, takenAt, keptUntil };
          copies.set(name, { ...point, release, migration: effect.migration });
          return { kind: 'copy', ...point, checksum: '0', tookMs: 0 } as const;
        }),
      ),
    retire: (effect, release, over = []) =>
      step('retire', async () => {
        if ((await formOf(effect, release)) !== 'present') return [];
        const open = [...entered.values()].filter((each) => ![release, ...over].includes(each.release));
        if (open.length > 0) return open;
        await ledger.apply(effect, release);
        forms.set(keyOf(effect, release), 'renamed');
        renamed.set(keyOf(effect, release), {
          release,
          migration: effect.migration,
          forms: (await namesOf(effect)).map(({ of }) => of),
        });
        return [];
      }),
    enter: (release, isMigrating) =>
      step('enter', () => {
        const standing = [...renamed].filter(([key]) => forms.get(key) === 'renamed').map(([, form]) => form);
        if (!isMigrating || standing.length === 0) entered.set(release.workflowId, release);
        return Promise.resolve(standing);
      }),
    putBack: (effect, release, request) =>
      step('putBack', async () => {
        if ((await formOf(effect, release)) === 'dropped')
          throw new PortError('Conflict', `${effect.migration}: the old form is dropped`);
        const unfilledRows = unfilled.reduce((all, { rows }) => all + rows, 0);
        if (unfilledRows > (request?.acceptedRows ?? 0)) return { notes: [], unfilled };
        await ledger.undo(effect, release);
        forms.set(keyOf(effect, release), 'present');
        return { notes: [] };
      }),
    drop: (effect, release) =>
      step('drop', async () => {
        if ((await formOf(effect, release)) === 'present')
          throw new PortError('Conflict', `${effect.migration}: the old form has its name back, it is not dropped`);
        forms.set(keyOf(effect, release), 'dropped');
      }),
    oldForm: (effect, release) => step('oldForm', () => formOf(effect, release)),
    lineage: () => Promise.resolve(lineage),
    isSuperuser: () => Promise.resolve(isSuperuser),
    kept: () => Promise.resolve([...copies.values()].reverse()),
    restoreKept: (name) => {
      const copy = copies.get(name);
      if (copy === undefined) return Promise.reject(new PortError('Rejected', `there is no copy ${name}`));
      return Promise.resolve(copy.rows);
    },
    removeExpired: () => {
      const now = new Date().toISOString();
      const expired = [...copies.values()].filter(({ keptUntil }) => keptUntil < now).map(({ name }) => name);
      expired.forEach((name) => copies.delete(name));
      return Promise.resolve(expired);
    },
    setReport: (next) => void (report = next),
    setSuperuser: (is) => void (isSuperuser = is),
    setUnfilled: (next) => void (unfilled = next),
    setLineage: (entries) => void (lineage = entries),
    failNext: (operation, error) => void faults.set(operation, [...(faults.get(operation) ?? []), error]),
  };
}
