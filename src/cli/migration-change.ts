import type { ColumnFacts } from '../adapters/postgres/read-column';
import type { Change } from '../core/migration-writer/change';
import {
  readNewColumn,
  renameColumn,
  requireColumn,
  retypeColumn,
  splitColumn,
  type Subject,
} from '../core/migration-writer/changes';
import { checkSql } from '../core/migration-writer/expression';
import { readColumnName, readTableName } from '../core/migration-writer/names';
import { ChangeRefusal } from '../core/migration-writer/refusal';

export const changeKinds = ['rename', 'split', 'retype', 'not-null'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** A change as a command line says it. */
export type ChangeOptions = {
  readonly table: string;
  readonly column: string;
  readonly id: string;
  readonly to?: string | undefined;
  readonly into?: readonly string[] | undefined;
  readonly toType?: string | undefined;
  readonly forward?: string | undefined;
  readonly back?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: string | undefined;
  readonly notNull?: boolean | undefined;
  readonly default?: string | undefined;
  readonly key?: string | undefined;
  readonly repeated?: boolean | undefined;
};

function wanted(value: string | undefined, option: string, why: string): string {
  if (value !== undefined) return value;
  throw new ChangeRefusal('detail-missing', `${option} is missing: ${why}.`);
}

function subjectOf(options: ChangeOptions, facts: ColumnFacts | undefined): Subject {
  const type = wanted(
    options.type ?? facts?.type,
    '--type',
    'the type of the old column; or name the database that knows it by --dsn env:NAME',
  );
  checkSql(type, '--type');
  const byDefault = options.default ?? facts?.byDefault;
  if (byDefault !== undefined) checkSql(byDefault, '--default');
  const key = options.key === undefined ? facts?.key : readColumnName(options.key);
  return {
    id: options.id,
    table: readTableName(options.table),
    old: {
      name: readColumnName(options.column),
      type,
      isRequired: options.notNull ?? facts?.isRequired ?? false,
      ...(byDefault === undefined ? {} : { byDefault }),
    },
    grants: facts?.grants ?? [],
    indexes: facts?.indexes ?? [],
    ...(key === undefined ? {} : { key }),
    ...(options.repeated === true ? { isRepeated: true } : {}),
  };
}

/**
 * The change that a command line asks for, with what the database knows filled in.
 * @throws ChangeRefusal for one that cannot be written
 */
export function readChange(options: ChangeOptions & { readonly change: ChangeKind }, facts?: ColumnFacts): Change {
  const subject = subjectOf(options, facts);
  const to = (): string => readColumnName(wanted(options.to, '--to', 'the name of the new column'));
  switch (options.change) {
    case 'rename':
      return renameColumn(subject, to());
    case 'split': {
      const into = (options.into ?? []).map((text) => readNewColumn(text, subject.old.name));
      if (into.length === 0) throw new ChangeRefusal('detail-missing', '--into is missing: one for each new column.');
      return splitColumn(subject, into, wanted(options.back, '--back', 'the old value, from the new columns'));
    }
    case 'retype': {
      const type = wanted(options.toType, '--to-type', 'the new type');
      return retypeColumn(subject, { to: to(), type, forward: options.forward, back: options.back });
    }
    case 'not-null': {
      const value = wanted(options.value, '--value', 'what the new column holds where the old version writes null');
      return requireColumn(subject, to(), value);
    }
  }
}
