import type { AlterTableCmd, DefElem } from 'libpg-query';
import type { LockMode, TakenLock } from '../core/plan/sql-report';
import { columnOf, constraintOf, constraintsIn, tableCommands, type TableCommand } from './alter-table';
import { rewritesTable } from './column-facts';
import { stronger, taken, type LockWork } from './lock-words';
import { nameText, relationName } from './names';
import type { SqlStatement } from './parse';
import type { FileStory } from './story';

type CommandLock = { readonly mode: LockMode; readonly work?: LockWork | undefined };

/** In PostgreSQL 12–18 alike; everything that is not named here takes ACCESS EXCLUSIVE. */
const modes: { readonly [subtype in NonNullable<AlterTableCmd['subtype']>]?: LockMode } = {
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};

const rewriting: ReadonlySet<AlterTableCmd['subtype']> = new Set([
  'AT_AlterColumnType',
  'AT_SetExpression',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
] as const);

/** The locks of one `alter table`: its commands run together under the strongest that any of them wants. */
export function alterTableLocks(statement: SqlStatement, story: FileStory): readonly TakenLock[] {
  const commands = tableCommands(statement);
  const [first] = commands;
  if (first === undefined) return [];
  const locks = commands.map((each) => commandLock(each, story));
  const mode = locks.map((lock) => lock.mode).reduce(stronger);
  const work = locks.map((lock) => lock.work).reduce(longer);
  return [taken(first.table, mode, work), ...commands.flatMap(({ command }) => otherRelations(command, story))];
}

function commandLock({ command, table }: TableCommand, story: FileStory): CommandLock {
  const { subtype } = command;
  if (rewriting.has(subtype)) return { mode: 'ACCESS EXCLUSIVE', work: 'rewrites the table' };
  if (subtype === 'AT_ValidateConstraint') return { mode: 'SHARE UPDATE EXCLUSIVE', work: 'scans the table' };
  // The scan is left out where a validated check says the same (from PostgreSQL 12 on).
  if (subtype === 'AT_SetNotNull')
    return {
      mode: 'ACCESS EXCLUSIVE',
      work: story.isKnownNotNull(table, command.name) ? undefined : 'scans the table',
    };
  if (subtype === 'AT_AddColumn') return { mode: 'ACCESS EXCLUSIVE', work: workOfColumn(command) };
  if (subtype === 'AT_AddConstraint') return constraintLock(command);
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') return { mode: optionsLock(command) };
  if (subtype === 'AT_DetachPartition' && isConcurrent(command)) return { mode: 'SHARE UPDATE EXCLUSIVE' };
  return { mode: (subtype === undefined ? undefined : modes[subtype]) ?? 'ACCESS EXCLUSIVE' };
}

function workOfColumn(command: AlterTableCmd): LockWork | undefined {
  const column = columnOf(command);
  if (column === undefined) return undefined;
  if (rewritesTable(column)) return 'rewrites the table';
  const types = constraintsIn(column.constraints).map(({ contype }) => contype);
  if (types.includes('CONSTR_UNIQUE') || types.includes('CONSTR_PRIMARY')) return 'builds the index';
  return types.includes('CONSTR_CHECK') ? 'scans the table' : undefined;
}

function constraintLock(command: AlterTableCmd): CommandLock {
  const constraint = constraintOf(command);
  const scan = constraint?.skip_validation === true ? undefined : 'scans the table';
  switch (constraint?.contype) {
    case 'CONSTR_FOREIGN':
      return { mode: 'SHARE ROW EXCLUSIVE', work: scan };
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      return { mode: 'ACCESS EXCLUSIVE', work: constraint.indexname === undefined ? 'builds the index' : undefined };
    default:
      return { mode: 'ACCESS EXCLUSIVE', work: scan };
  }
}

/** Storage parameters that vacuum and the planner read may change beside traffic; the others may not. */
function optionsLock({ def }: AlterTableCmd): LockMode {
  const options = def !== undefined && 'List' in def ? (def.List.items ?? []) : [];
  const isQuiet = (option: DefElem): boolean =>
    /^(fillfactor|parallel_workers|toast_tuple_target|log_autovacuum_|autovacuum_|vacuum_)/.test(option.defname ?? '');
  return options.every((option) => 'DefElem' in option && isQuiet(option.DefElem))
    ? 'SHARE UPDATE EXCLUSIVE'
    : 'ACCESS EXCLUSIVE';
}

/** What a command locks beside its own table. */
function otherRelations(command: AlterTableCmd, story: FileStory): readonly TakenLock[] {
  const constraints = [
    ...constraintsIn(columnOf(command)?.constraints),
    ...(constraintOf(command) === undefined ? [] : constraintsIn([{ Constraint: constraintOf(command) ?? {} }])),
  ];
  const referenced = constraints.flatMap(({ contype, pktable }) =>
    contype === 'CONSTR_FOREIGN' && pktable !== undefined
      ? [taken(nameText(relationName(pktable)), 'SHARE ROW EXCLUSIVE')]
      : [],
  );
  const { def, subtype } = command;
  if (def === undefined || !('PartitionCmd' in def) || subtype === undefined) return referenced;
  const partition = nameText(relationName(def.PartitionCmd.name));
  if (subtype === 'AT_AttachPartition') {
    const isRead = !story.isKnownWithin(partition, def.PartitionCmd.bound);
    return [taken(partition, 'ACCESS EXCLUSIVE', isRead ? 'scans the table' : undefined)];
  }
  return [taken(partition, 'ACCESS EXCLUSIVE')];
}

const isConcurrent = ({ def }: AlterTableCmd): boolean =>
  def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true;

const works: readonly (LockWork | undefined)[] = [
  undefined,
  'scans the table',
  'builds the index',
  'rewrites the table',
];
const longer = (a: LockWork | undefined, b: LockWork | undefined): LockWork | undefined =>
  works.indexOf(a) >= works.indexOf(b) ? a : b;
