import type { Node, RangeVar } from 'libpg-query';
import { nameText, relationName } from './names';
import { nodesOfKind } from './node-index';
import { kindOf } from './outside-transaction';
import { field, itemsOf, textOf } from './tree';

/** One change of rows that a statement makes, itself or in a `with` of it. */
export type RowChange = {
  readonly table: string;
  /** `delete` may take rows away, `update` may set the columns; an `insert` alone changes no row that is there. */
  readonly kind: 'insert' | 'update' | 'delete';
  readonly columns: readonly { readonly name: string; readonly location: number | undefined }[];
  /** Where its table is named; undefined for the statement itself. */
  readonly location: number | undefined;
  /** Whether it says which rows. */
  readonly isLimited: boolean;
  /** The parsed change. */
  readonly change: unknown;
};

const changing = { InsertStmt: 'insert', UpdateStmt: 'update', DeleteStmt: 'delete', MergeStmt: 'merge' } as const;
const executed = new Set([...Object.keys(changing), 'SelectStmt', 'CreateTableAsStmt']);

/** Whether a statement runs expressions on rows now; others keep them for later, as a view or a function does. */
export const runsOnRows = (node: Node): boolean => executed.has(kindOf(node));

/** Every change of rows in a statement. */
export function rowChanges(node: Node): readonly RowChange[] {
  if (!runsOnRows(node)) return [];
  const [top] = Object.values(node);
  return Object.entries(changing).flatMap(([kind, verb]) =>
    nodesOfKind(node, kind).flatMap((change) => changesOf(verb, change, change === top)),
  );
}

function changesOf(verb: (typeof changing)[keyof typeof changing], change: unknown, isTop: boolean): RowChange[] {
  const relation = field(change, 'relation');
  const common = {
    table: nameText(relationName(isRangeVar(relation) ? relation : undefined)),
    location: isTop ? undefined : locationOf(relation),
    isLimited: isSaying(field(change, 'whereClause')),
    change,
  };
  if (verb === 'update') return [{ ...common, kind: 'update', columns: columnsSet(change) }];
  if (verb === 'delete') return [{ ...common, kind: 'delete', columns: [] }];
  if (verb === 'insert') {
    const onConflict = columnsSet(field(change, 'onConflictClause'));
    const kind = onConflict.length > 0 ? 'update' : 'insert';
    return [{ ...common, kind, columns: onConflict, isLimited: true }];
  }
  const whens = itemsOf(change, 'mergeWhenClauses').map((each) => field(each, 'MergeWhenClause'));
  const updates = whens.filter((each) => textOf(each, 'commandType') === 'CMD_UPDATE');
  const isDeleting = whens.some((each) => textOf(each, 'commandType') === 'CMD_DELETE');
  const columns = updates.flatMap(columnsSet);
  const limited = { ...common, isLimited: true };
  return [
    { ...limited, kind: columns.length > 0 ? 'update' : 'insert', columns },
    ...(isDeleting ? [{ ...limited, kind: 'delete' as const, columns: [] }] : []),
  ];
}

const columnsSet = (change: unknown): RowChange['columns'] =>
  itemsOf(change, 'targetList').flatMap((each) => {
    const target = field(each, 'ResTarget');
    const name = textOf(target, 'name');
    return name === undefined ? [] : [{ name, location: locationOf(target) }];
  });

/** `where true` says as little as no `where`. */
const isSaying = (where: unknown): boolean => where !== undefined && field(where, 'A_Const') === undefined;

function locationOf(node: unknown): number | undefined {
  const location = field(node, 'location');
  return typeof location === 'number' ? location : undefined;
}

const isRangeVar = (node: unknown): node is RangeVar => typeof node === 'object' && node !== null;
