import type { CreateStmt, DropStmt, Node, RenameStmt } from 'libpg-query';
import type { TakenLock } from '../core/plan/sql-report';
import { constraintsIn } from './alter-table';
import { taken } from './lock-words';
import { listedName, nameText, objectWords, relationName } from './names';
import type { SqlStatement } from './parse';
import type { FileStory } from './story';
import { alterTableLocks } from './table-locks';

/** The locks that a statement takes on relations that were there before the file, strongest meaning first. */
export function locksOf(statement: SqlStatement, story: FileStory): readonly TakenLock[] {
  return allLocks(statement, story).filter(({ relation }) => relation !== '' && !story.isNew(relation));
}

function allLocks(statement: SqlStatement, story: FileStory): readonly TakenLock[] {
  const { node } = statement;
  if ('AlterTableStmt' in node) return alterRelationLocks(statement, story);
  if ('IndexStmt' in node) {
    const { relation, concurrent } = node.IndexStmt;
    return [
      taken(relationText(relation), concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'builds the index'),
    ];
  }
  if ('CreateStmt' in node) return createTableLocks(node.CreateStmt);
  if ('DropStmt' in node) return dropLocks(node.DropStmt);
  if ('RenameStmt' in node) return renameLocks(node.RenameStmt);
  return rowLocks(node) ?? namedLock(node);
}

const relationText = (relation: Parameters<typeof relationName>[0]): string =>
  relation === undefined ? '' : nameText(relationName(relation));

/** An `alter view`, `alter index` and the like is an `alter table` to the parser. */
function alterRelationLocks(statement: SqlStatement, story: FileStory): readonly TakenLock[] {
  const { node } = statement;
  const locks = alterTableLocks(statement, story);
  if (locks.length > 0 || !('AlterTableStmt' in node)) return locks;
  const { relation, objtype } = node.AlterTableStmt;
  return [taken(relationText(relation), objtype === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE')];
}

function rowLocks(node: Node): readonly TakenLock[] | undefined {
  const rows = (relation: Parameters<typeof relationName>[0]) => [
    taken(relationText(relation), 'ROW EXCLUSIVE', 'rows'),
  ];
  if ('InsertStmt' in node) return rows(node.InsertStmt.relation);
  if ('UpdateStmt' in node) return rows(node.UpdateStmt.relation);
  if ('DeleteStmt' in node) return rows(node.DeleteStmt.relation);
  if ('MergeStmt' in node) return rows(node.MergeStmt.relation);
  if ('CopyStmt' in node && node.CopyStmt.is_from === true) return rows(node.CopyStmt.relation);
  return undefined;
}

function namedLock(node: Node): readonly TakenLock[] {
  if ('CreateTrigStmt' in node) return [taken(relationText(node.CreateTrigStmt.relation), 'SHARE ROW EXCLUSIVE')];
  if ('CreatePolicyStmt' in node) return [taken(relationText(node.CreatePolicyStmt.table), 'ACCESS EXCLUSIVE')];
  if ('AlterPolicyStmt' in node) return [taken(relationText(node.AlterPolicyStmt.table), 'ACCESS EXCLUSIVE')];
  if ('RuleStmt' in node) return [taken(relationText(node.RuleStmt.relation), 'ACCESS EXCLUSIVE')];
  if ('ViewStmt' in node && node.ViewStmt.replace === true) {
    return [taken(relationText(node.ViewStmt.view), 'ACCESS EXCLUSIVE')];
  }
  if ('CreateStatsStmt' in node) return node.CreateStatsStmt.relations?.flatMap(statisticsLock) ?? [];
  if ('RefreshMatViewStmt' in node) {
    const { relation, concurrent } = node.RefreshMatViewStmt;
    const mode = concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    return [taken(relationText(relation), mode, 'fills the view')];
  }
  if ('ClusterStmt' in node) {
    return [taken(relationText(node.ClusterStmt.relation), 'ACCESS EXCLUSIVE', 'rewrites the table')];
  }
  if ('ReindexStmt' in node) return [taken(relationText(node.ReindexStmt.relation), 'SHARE', 'builds the index')];
  if ('TruncateStmt' in node) {
    return (node.TruncateStmt.relations ?? []).flatMap((each) =>
      'RangeVar' in each ? [taken(relationText(each.RangeVar), 'ACCESS EXCLUSIVE')] : [],
    );
  }
  if ('AlterSeqStmt' in node) return [taken(relationText(node.AlterSeqStmt.sequence), 'SHARE ROW EXCLUSIVE')];
  if ('AlterObjectSchemaStmt' in node) {
    return [taken(relationText(node.AlterObjectSchemaStmt.relation), 'ACCESS EXCLUSIVE')];
  }
  if ('CommentStmt' in node) return commentLock(node.CommentStmt.objtype, node.CommentStmt.object);
  return [];
}

const statisticsLock = (each: Node): readonly TakenLock[] =>
  'RangeVar' in each ? [taken(relationText(each.RangeVar), 'SHARE UPDATE EXCLUSIVE')] : [];

function commentLock(kind: string | undefined, object: Node | undefined): readonly TakenLock[] {
  const words = objectWords(object);
  if (kind === 'OBJECT_TABLE' || kind === 'OBJECT_VIEW')
    return [taken(nameText(listedName(words)), 'SHARE UPDATE EXCLUSIVE')];
  return kind === 'OBJECT_COLUMN' ? [taken(nameText(listedName(words.slice(0, -1))), 'SHARE UPDATE EXCLUSIVE')] : [];
}

/** A new table locks those that it refers to, and the one that it becomes a part of. */
function createTableLocks({ constraints, tableElts, partbound, inhRelations }: CreateStmt): readonly TakenLock[] {
  const own = [...constraintsIn(constraints), ...constraintsIn(tableElts)];
  const ofColumns = (tableElts ?? []).flatMap((element) =>
    'ColumnDef' in element ? constraintsIn(element.ColumnDef.constraints) : [],
  );
  const referenced = [...own, ...ofColumns].flatMap(({ contype, pktable }) =>
    contype === 'CONSTR_FOREIGN' ? [taken(relationText(pktable), 'SHARE ROW EXCLUSIVE')] : [],
  );
  const parents = (inhRelations ?? []).flatMap((each) =>
    'RangeVar' in each
      ? [taken(relationText(each.RangeVar), partbound === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE')]
      : [],
  );
  return [...referenced, ...parents];
}

const ofTables: ReadonlySet<DropStmt['removeType']> = new Set([
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
] as const);
const relations: ReadonlySet<DropStmt['removeType']> = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
] as const);

/** Dropping an index locks its table as well, which the statement does not name. */
function dropLocks({ removeType, objects, concurrent }: DropStmt): readonly TakenLock[] {
  const mode = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  return (objects ?? []).flatMap((object) => {
    const words = objectWords(object);
    if (ofTables.has(removeType)) return [taken(nameText(listedName(words.slice(0, -1))), 'ACCESS EXCLUSIVE')];
    return relations.has(removeType) ? [taken(nameText(listedName(words)), mode)] : [];
  });
}

function renameLocks({ renameType, relation }: RenameStmt): readonly TakenLock[] {
  return relation === undefined
    ? []
    : [taken(relationText(relation), renameType === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE')];
}
