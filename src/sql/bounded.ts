import { nodesOfKind } from './node-index';
import { field, itemsOf, textOf } from './tree';

/**
 * Whether a change of rows takes a bounded number of them: by a limit or a parameter in what says which rows, and not
 * in what says what is written into them. `limited` are the names of a `with` whose rows are bounded.
 */
export function isBounded(change: unknown, limited: ReadonlySet<string>): boolean {
  const names = limitedNames(change, limited);
  const select = field(field(change, 'selectStmt'), 'SelectStmt');
  if (select !== undefined) return isLimitedSelect(select, names);
  const source = field(change, 'sourceRelation');
  if (source !== undefined) {
    return isLimitedSource(source, names) || isBounding(field(change, 'joinCondition'), names);
  }
  const where = field(change, 'whereClause');
  if (where === undefined) return false;
  const sources = [...itemsOf(change, 'fromClause'), ...itemsOf(change, 'usingClause')];
  return isBounding(where, names) || sources.some((each) => isLimitedSource(each, names));
}

/** The queries of a `with` whose rows are bounded, each known to those below it. */
export function limitedNames(statement: unknown, outer: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const names = new Set(outer);
  for (const each of itemsOf(field(statement, 'withClause'), 'ctes')) {
    const query = field(each, 'CommonTableExpr');
    const name = textOf(query, 'ctename') ?? '';
    const body = field(query, 'ctequery');
    const select = field(body, 'SelectStmt');
    const change = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].flatMap((kind) => field(body, kind) ?? []);
    const isLimited = select === undefined ? isBounded(change[0], names) : isLimitedSelect(select, names);
    if (isLimited) names.add(name);
    else names.delete(name);
  }
  return names;
}

function isLimitedSelect(select: unknown, outer: ReadonlySet<string>): boolean {
  const names = limitedNames(select, outer);
  const limit = field(select, 'limitCount');
  // `limit all` and `limit null` are none.
  if (limit !== undefined && field(field(limit, 'A_Const'), 'isnull') !== true) return true;
  const arms = [field(select, 'larg'), field(select, 'rarg')].filter((arm) => arm !== undefined);
  if (arms.length > 0) return arms.every((arm) => isLimitedSelect(arm, names));
  return (
    isBounding(field(select, 'whereClause'), names) ||
    itemsOf(select, 'fromClause').some((each) => isLimitedSource(each, names))
  );
}

function isLimitedSource(source: unknown, names: ReadonlySet<string>): boolean {
  const join = field(source, 'JoinExpr');
  if (join !== undefined) {
    return [field(join, 'larg'), field(join, 'rarg')].some((each) => isLimitedSource(each, names));
  }
  const table = field(source, 'RangeVar');
  if (table !== undefined) return names.has(textOf(table, 'relname') ?? '') && field(table, 'schemaname') === undefined;
  const select = field(field(field(source, 'RangeSubselect'), 'subquery'), 'SelectStmt');
  return select !== undefined && isLimitedSelect(select, names);
}

/** Whether a condition holds for a bounded number of rows only. */
function isBounding(condition: unknown, names: ReadonlySet<string>): boolean {
  const logic = field(condition, 'BoolExpr');
  const arms = itemsOf(logic, 'args');
  if (textOf(logic, 'boolop') === 'AND_EXPR') return arms.some((arm) => isBounding(arm, names));
  if (textOf(logic, 'boolop') === 'OR_EXPR') return arms.every((arm) => isBounding(arm, names));
  if (field(condition, 'SubLink') === undefined && field(condition, 'A_Expr') === undefined) return false;
  if (nodesOfKind(condition, 'ParamRef').length > 0) return true;
  return nodesOfKind(condition, 'SubLink').some((link) => {
    const select = field(field(link, 'subselect'), 'SelectStmt');
    return textOf(link, 'subLinkType') !== 'EXISTS_SUBLINK' && select !== undefined && isLimitedSelect(select, names);
  });
}
