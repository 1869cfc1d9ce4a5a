import { columnOf, has, tableCommands, type TableCommand } from '../alter-table';
import { defaultOf, isIdentity, isNotNull, isSerial, isStoredGenerated, isVolatile } from '../column-facts';
import { changing, early, type Hit, type Judged, type Rule } from './rule';

type IsBroken = (command: TableCommand, judged: Judged) => boolean;

/** Hits of each command on a table that was there before the file. */
export const onOldTables =
  (what: string, isBroken: IsBroken) =>
  (judged: Judged): readonly Hit[] =>
    tableCommands(judged.statement)
      .filter((each) => !judged.story.isNew(each.table) && isBroken(each, judged))
      .map(({ subject, offset }) => ({ subject: `${what} ${subject}`, offset }));

const adds = ({ command }: TableCommand) => (command.subtype === 'AT_AddColumn' ? columnOf(command) : undefined);

export const columnRules: readonly Rule[] = [
  {
    code: 'column-type-change',
    roles: changing,
    danger:
      'writes every row anew under a lock that stops all reads and writes, and the version that serves expects the old type',
    instead:
      'add a column of the new type, keep both in step by a trigger, fill it in `backfill`, and drop the old one in `contract`',
    hits: onOldTables('a new type for', ({ command }) => command.subtype === 'AT_AlterColumnType'),
  },
  {
    code: 'volatile-default',
    roles: changing,
    danger:
      'may give each row another value, so every row is written anew under a lock that stops all reads and writes',
    instead:
      'add the column without a default, then `alter column … set default` for new rows, and fill old ones in `backfill`',
    hits: onOldTables('the computed default of', (each) => {
      const column = adds(each);
      const value = column === undefined ? undefined : defaultOf(column);
      return value !== undefined && isVolatile(value);
    }),
  },
  {
    code: 'stored-generated-column',
    roles: changing,
    danger: 'is computed for every row, which writes the table anew under a lock that stops all reads and writes',
    instead:
      'add a plain column, let a trigger compute it and fill old rows in `backfill`; from PostgreSQL 18 on a `virtual` one costs nothing',
    hits: onOldTables('the stored generated column', (each) => {
      const column = adds(each);
      return (column !== undefined && isStoredGenerated(column)) || each.command.subtype === 'AT_SetExpression';
    }),
  },
  {
    code: 'identity-on-old-table',
    roles: changing,
    danger: 'numbers every row, which writes the table anew under a lock that stops all reads and writes',
    instead:
      'add a plain `bigint` column, make a sequence, `set default nextval(…)` for new rows, and number old ones in `backfill`',
    hits: onOldTables('the identity column', (each) => {
      const column = adds(each);
      return column !== undefined && (isIdentity(column) || isSerial(column));
    }),
  },
  {
    code: 'not-null-without-default',
    roles: changing,
    danger: 'fails on a table with rows, and on every insert of a version that does not know the column',
    instead: 'add it nullable or with a constant default; `set not null` in `contract`, after a validated check',
    hits: onOldTables('the new column', (each) => {
      const column = adds(each);
      return column !== undefined && isNotNull(column) && defaultOf(column) === undefined && !isFilled(each);
    }),
  },
  {
    code: 'set-not-null-scan',
    roles: changing,
    danger: 'reads the whole table under a lock that stops all reads and writes',
    instead:
      'in `expand` add `check (… is not null) not valid`; in `contract` of the same migration first `validate constraint` of that check, in a statement above, then `set not null`, which then does not read',
    hits: onOldTables(
      'set not null on',
      ({ command, table }, { story }) =>
        command.subtype === 'AT_SetNotNull' && !story.isKnownNotNull(table, command.name),
    ),
  },
  {
    code: 'drop-not-null',
    roles: early,
    danger: 'lets nulls reach the version that serves, which has never read one there',
    instead:
      'keep the column filled by a trigger (`before insert or update` runs before the check), and drop the column in `contract`',
    hits: onOldTables('drop not null on', ({ command }) => command.subtype === 'AT_DropNotNull'),
  },
  {
    code: 'drop-default',
    roles: early,
    danger: 'makes inserts of the version that serves write null, or fail, where they leave the column out',
    instead: 'leave what gives the value until `contract`, or set another default',
    hits: onOldTables(
      'taking away the value given by',
      ({ command: { subtype, def } }) =>
        (subtype === 'AT_ColumnDefault' && def === undefined) ||
        subtype === 'AT_DropIdentity' ||
        subtype === 'AT_DropExpression',
    ),
  },
];

/** These number the rows themselves; another rule is about them. */
const isFilled = (each: TableCommand): boolean => {
  const column = columnOf(each.command);
  return column !== undefined && (isIdentity(column) || isSerial(column) || has(column, 'CONSTR_GENERATED'));
};
