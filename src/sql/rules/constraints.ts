import type { Constraint } from 'libpg-query';
import { columnOf, constraintOf, constraintsIn, tableCommands, type TableCommand } from '../alter-table';
import { defaultOf } from '../column-facts';
import { stopsWriters } from '../lock-words';
import { listedName, nameText, relationName } from '../names';
import { alterTableLocks } from '../table-locks';
import { onOldTables } from './columns';
import { changing, hitWhen, type Judged, type Rule } from './rule';

const indexed: ReadonlySet<Constraint['contype']> = new Set([
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
  'CONSTR_EXCLUSION',
] as const);
const scanned: ReadonlySet<Constraint['contype']> = new Set([
  'CONSTR_CHECK',
  'CONSTR_FOREIGN',
  'CONSTR_NOTNULL',
] as const);

const added = ({ command }: TableCommand): Constraint | undefined =>
  command.subtype === 'AT_AddConstraint' ? constraintOf(command) : undefined;

/** A check beside a new column is held against every row; a reference only where a default gives it a value. */
const scansOfColumn = ({ command }: TableCommand): boolean => {
  const column = command.subtype === 'AT_AddColumn' ? columnOf(command) : undefined;
  if (column === undefined) return false;
  return constraintsIn(column.constraints).some(
    ({ contype }) => contype === 'CONSTR_CHECK' || (contype === 'CONSTR_FOREIGN' && defaultOf(column) !== undefined),
  );
};

export const constraintRules: readonly Rule[] = [
  {
    code: 'constraint-scan',
    roles: changing,
    danger: 'is held against every row under a lock that stops all writes',
    instead: 'add it `not valid`, and `validate constraint` in `contract`, which lets reads and writes go on',
    hits: onOldTables('the constraint', (each) => {
      const constraint = added(each);
      const isScanned =
        constraint !== undefined && scanned.has(constraint.contype) && constraint.skip_validation !== true;
      return (isScanned && constraint.is_enforced !== false) || scansOfColumn(each);
    }),
  },
  {
    code: 'constraint-builds-index',
    roles: changing,
    danger: 'builds an index under a lock that stops all reads and writes',
    instead:
      'build a unique index first, by `indexes` of an earlier release, then `add constraint … using index`; what excludes has no such way: make a new table',
    hits: onOldTables('the constraint', (each) => {
      const constraint = added(each);
      if (constraint !== undefined) return indexed.has(constraint.contype) && constraint.indexname === undefined;
      const column = each.command.subtype === 'AT_AddColumn' ? columnOf(each.command) : undefined;
      return column !== undefined && constraintsIn(column.constraints).some(({ contype }) => indexed.has(contype));
    }),
  },
  {
    code: 'scan-under-lock',
    roles: changing,
    danger: 'reads the table while this file already holds a lock on it that stops its readers or writers',
    instead: 'put it above the statements that take the stronger lock, in a statement of its own, or into a later part',
    hits: validatesUnderLock,
  },
  {
    code: 'domain-constraint',
    roles: changing,
    danger: 'is held against every row of every table that uses the domain, while their writes wait',
    instead: 'add it `not valid` and validate it in `contract`, or put a check on each column',
    hits: ({ node }) => {
      if (!('AlterDomainStmt' in node)) return [];
      const { subtype, def, typeName } = node.AlterDomainStmt;
      const isScanning = def !== undefined && 'Constraint' in def && def.Constraint.skip_validation !== true;
      const subject = `the constraint of domain ${nameText(listedName(typeName))}`;
      // C: add a constraint; O: set not null.
      return hitWhen((subtype === 'C' && isScanning) || subtype === 'O', subject);
    },
  },
  {
    code: 'partition-attach-scan',
    roles: changing,
    danger: 'reads the whole partition under a lock that stops its reads and writes',
    instead:
      'add a check that says the same as its bounds and `is not null`, `not valid`, in a file of the same migration, `validate constraint` in a statement above, then attach it',
    hits: ({ statement, story }) =>
      tableCommands(statement).flatMap(({ command, offset }) => {
        const { def, subtype } = command;
        if (subtype !== 'AT_AttachPartition' || def === undefined || !('PartitionCmd' in def)) return [];
        const partition = nameText(relationName(def.PartitionCmd.name));
        const isKnown = story.isNew(partition) || story.isKnownWithin(partition, def.PartitionCmd.bound);
        return isKnown ? [] : [{ subject: `attaching partition ${partition}`, offset }];
      }),
  },
];

/** Locks are held until the part ends, and the commands of one statement share the strongest lock. */
function validatesUnderLock({ statement, story }: Judged) {
  const commands = tableCommands(statement);
  return commands
    .filter(({ command, table }) => {
      if (command.subtype !== 'AT_ValidateConstraint' || story.isNew(table)) return false;
      const own = alterTableLocks(statement, story).some(
        ({ relation, mode }) => relation === table && stopsWriters(mode),
      );
      return own || story.isHeld(table);
    })
    .map(({ subject, offset }) => ({ subject: `validating ${subject}`, offset }));
}
