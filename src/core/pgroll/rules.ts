import type { Json } from '../json';
import { isRecord } from './is-record';
import type { PgrollFile, PgrollOperation } from './read-file';
import { longestName, triggersOf } from './triggers';

/** A place of a file that is refused: its rule, the danger and the safe way. */
export type PgrollHit = {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
  readonly fix: string;
  /** Whether a comment right above the operation may accept it. */
  readonly mayBeAllowed: boolean;
};

const known = [
  'create_table',
  'add_column',
  'alter_column',
  'drop_column',
  'rename_table',
  'rename_column',
  'rename_constraint',
  'create_index',
  'drop_index',
  'create_constraint',
  'drop_multicolumn_constraint',
];

/** Operations of pgroll that are not let through, each with why and what to write instead. */
const refused: { readonly [operation: string]: readonly [danger: string, instead: string] } = {
  sql: [
    'is SQL that no rule has read, and pgroll does not look whether its `down` is the inverse',
    'name a plain .sql file as a part of a migration of its own: Spillway reads and runs it',
  ],
  drop_table: [
    'takes the table its name at the start, so that whoever does not go through a version schema fails at once',
    'drop it in `contract` of a migration in plain SQL',
  ],
  set_replica_identity: [
    'is not taken back by `pgroll rollback`',
    'set it in a plain .sql file that has an undo of its own',
  ],
  drop_constraint: [
    'does not name the column whose triggers have to be looked for',
    'write `drop_multicolumn_constraint`, whose `up` and `down` name the columns',
  ],
};

const isRename = ({ name }: PgrollOperation): boolean => name.startsWith('rename_');

/** What speaks against a file of pgroll, whatever its database. */
export function findHits(file: PgrollFile): readonly PgrollHit[] {
  const { operations } = file;
  return [
    ...aboutName(file),
    ...operations.flatMap(aboutOperation),
    ...aboutTriggers(file),
    ...(operations.some(isRename) ? operations.filter((each) => !isRename(each)) : []).map((operation) =>
      hit(
        'pgroll-operation-refused',
        operation,
        `\`${operation.name}\` beside a rename works on names that are no longer those of its triggers, and nobody could look whether they are there`,
        'give renames a file of their own',
      ),
    ),
  ];
}

function aboutName({ version }: PgrollFile): readonly PgrollHit[] {
  if (/^[a-z0-9_]+$/.test(version)) return [];
  return [
    {
      rule: 'pgroll-version-name',
      line: 1,
      message: `the version \`${version}\` has to be quoted in a search path, and pgroll takes a client whose search path has quotes for one of the old version: what it writes is overwritten`,
      fix: 'call the file, or its `version_schema`, by lower-case letters, digits and _ alone',
      mayBeAllowed: false,
    },
  ];
}

function aboutOperation(operation: PgrollOperation): readonly PgrollHit[] {
  const { name } = operation;
  const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (why !== undefined) return [hit('pgroll-operation-refused', operation, `\`${name}\` ${why[0]}`, why[1])];
  if (!known.includes(name))
    return [
      hit(
        'pgroll-operation-refused',
        operation,
        `\`${name}\` is no operation of pgroll that Spillway knows`,
        `write one of ${known.join(', ')}, or plain SQL`,
      ),
    ];
  if (!hasNotNullWindow(operation)) return [];
  return [
    {
      ...hit(
        'pgroll-not-null-window',
        operation,
        `\`${name}\` demands the new form before there is a trigger that fills it: for some ten milliseconds every write of the old version to \`${textOf(operation.body['table'])}\` fails`,
        'make the column nullable here and not null in a part in plain SQL, or accept it by `# spillway: allow pgroll-not-null-window because REASON` on the line above',
      ),
      mayBeAllowed: true,
    },
  ];
}

/** pgroll adds the check before it makes the trigger, and the server holds every write against it in between. */
function hasNotNullWindow({ name, body }: PgrollOperation): boolean {
  if (name === 'alter_column') return body['nullable'] === false;
  const { column } = body;
  if (name !== 'add_column' || !isRecord(column) || column['nullable'] === true) return false;
  // A default that pgroll cannot set at once has to be repeated as `up`.
  return column['default'] === undefined || column['default'] === body['up'];
}

function aboutTriggers(file: PgrollFile): readonly PgrollHit[] {
  return triggersOf(file)
    .filter(({ name }) => new TextEncoder().encode(name).length > longestName)
    .map(({ name, table }) => ({
      rule: 'pgroll-trigger-name',
      line: file.operations.find(({ body }) => body['table'] === table)?.line ?? 1,
      message: `the trigger \`${name}\` has more than ${longestName} bytes: PostgreSQL cuts it, and one of two that are cut alike takes the place of the other without a word`,
      fix: 'do it in plain SQL, or give table and column shorter names first',
      mayBeAllowed: false,
    }));
}

const hit = (rule: string, { line }: PgrollOperation, message: string, fix: string): PgrollHit => ({
  rule,
  line,
  message,
  fix,
  mayBeAllowed: false,
});
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : 'its table');
