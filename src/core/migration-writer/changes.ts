import { defaultCasts } from './casts';
import type { Change, ColumnGrant, ColumnIndex, NewColumn, OldColumn } from './change';
import { checkChange } from './check-change';
import { checkSql, readExpression, repeat, type Expression } from './expression';
import { inComment, readColumnName, type TableName } from './names';
import { ChangeRefusal } from './refusal';

/** What every change is about. */
export type Subject = {
  readonly id: string;
  readonly table: TableName;
  readonly old: OldColumn;
  readonly key?: string;
  readonly isRepeated?: boolean;
  readonly grants: readonly ColumnGrant[];
  readonly indexes?: readonly ColumnIndex[];
};

const place = ({ table, old }: Subject): string => inComment(`column ${old.name} of ${table.schema}.${table.name}`);

/** The same value under another name. */
export function renameColumn(subject: Subject, to: string): Change {
  const { old } = subject;
  return checkChange({
    ...subject,
    title: `${place(subject)} is renamed to ${to}`,
    fresh: [{ name: to, type: old.type, isRequired: old.isRequired, forward: repeat(old.name) }],
    back: repeat(to),
  });
}

/** One value in several columns. */
export function splitColumn(subject: Subject, into: readonly NewColumn[], back: string): Change {
  const names = into.map(({ name }) => name);
  return checkChange({
    ...subject,
    title: `${place(subject)} is split into ${names.join(', ')}`,
    fresh: into,
    back: readExpression(back, names, '--back'),
  });
}

const division = /^\s*("(?:[^"]|"")+"|[^\s"]+)\s+([^=]+?)\s*=\s*([^]+)$/;

/**
 * `given_name text not null = split_part({customer_name}, ' ', 1)`: a column of a split.
 * @throws ChangeRefusal for anything else
 */
export function readNewColumn(text: string, old: string): NewColumn {
  const [, column = '', words = '', expression = ''] = division.exec(text) ?? [];
  if (expression === '')
    throw new ChangeRefusal(
      'detail-missing',
      `--into wants a column with its type and its value, not ${JSON.stringify(text)}: --into "given_name text not null = split_part({${inComment(old)}}, ' ', 1)".`,
    );
  const type = words.replace(/ +not +null$/i, '');
  const name = readColumnName(column);
  checkSql(type, `The type of ${inComment(name)}`);
  const forward = readExpression(expression, [old], `--into ${inComment(name)}`);
  return { name, type, isRequired: type !== words, forward };
}

export type Retyping = {
  readonly to: string;
  readonly type: string;
  readonly forward?: string | undefined;
  readonly back?: string | undefined;
};

/** The same value in another type. */
export function retypeColumn(subject: Subject, { to, type, forward, back }: Retyping): Change {
  const { old } = subject;
  checkSql(type, '--to-type');
  const ends = { old: old.name, fresh: to, oldType: old.type, freshType: type };
  const usual = forward === undefined || back === undefined ? defaultCasts(ends, old.isRequired) : undefined;
  const pick = (
    text: string | undefined,
    column: string,
    option: string,
    found: Expression | undefined,
  ): Expression => {
    if (text !== undefined) return readExpression(text, [column], option);
    if (found !== undefined) return found;
    throw new ChangeRefusal(
      'expression-missing',
      `From ${inComment(old.type)} to ${inComment(type)} there is no conversion that keeps every value${old.isRequired ? ' and fits a column that is not null' : ''}: write it with ${option} EXPRESSION, with the column as {${inComment(column)}}.`,
    );
  };
  return checkChange({
    ...subject,
    title: `${place(subject)} becomes ${to} of type ${type}`,
    fresh: [
      { name: to, type, isRequired: old.isRequired, forward: pick(forward, old.name, '--forward', usual?.forward) },
    ],
    back: pick(back, to, '--back', usual?.back),
  });
}

/** The same value, with another one where the old version goes on writing null. */
export function requireColumn(subject: Subject, to: string, value: string): Change {
  const { old } = subject;
  if (old.isRequired)
    throw new ChangeRefusal('column-unfit', `${place(subject)} is not null already; there is nothing to write.`);
  const filler = readExpression(value, [], '--value');
  const forward: Expression = {
    sql: (ref) => `coalesce(${ref(old.name)}, ${filler.sql(ref)})`,
    isStrict: false,
  };
  return checkChange({
    ...subject,
    title: `${place(subject)} becomes ${to}, which is not null`,
    fresh: [{ name: to, type: old.type, isRequired: true, forward }],
    back: repeat(to),
  });
}
