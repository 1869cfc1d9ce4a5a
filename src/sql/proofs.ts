import type { A_Expr, Constraint, Node, PartitionBoundSpec } from 'libpg-query';
import { wordsOf } from './names';

/** Whether a valid constraint says that the column is never null, as PostgreSQL reads it to leave out a scan. */
export function provesNotNull(constraint: Constraint, column: string): boolean {
  if (constraint.contype === 'CONSTR_NOTNULL') return wordsOf(constraint.keys).includes(column);
  return constraint.contype === 'CONSTR_CHECK' && isNeverNull(constraint.raw_expr, column);
}

function isNeverNull(condition: Node | undefined, column: string): boolean {
  if (condition === undefined) return false;
  if ('NullTest' in condition) {
    const { nulltesttype, arg } = condition.NullTest;
    return nulltesttype === 'IS_NOT_NULL' && columnIn(arg) === column;
  }
  if (!('BoolExpr' in condition)) return false;
  const { boolop, args = [] } = condition.BoolExpr;
  if (boolop === 'AND_EXPR') return args.some((each) => isNeverNull(each, column));
  if (boolop === 'OR_EXPR') return args.length > 0 && args.every((each) => isNeverNull(each, column));
  const [denied] = args;
  return (
    denied !== undefined &&
    'NullTest' in denied &&
    denied.NullTest.nulltesttype === 'IS_NULL' &&
    columnIn(denied.NullTest.arg) === column
  );
}

/** Whether valid checks of a table say that all its rows fit the bounds; only bounds of one column can be told. */
export function provesBounds(constraints: readonly Constraint[], bound: PartitionBoundSpec | undefined): boolean {
  if (bound === undefined || bound.is_default === true) return false;
  const facts = constraints.flatMap(({ contype, raw_expr: said }) =>
    contype === 'CONSTR_CHECK' && said !== undefined ? conjuncts(said) : [],
  );
  const columns = facts.flatMap((fact) => {
    const column = 'NullTest' in fact ? columnIn(fact.NullTest.arg) : undefined;
    return column !== undefined && isNeverNull(fact, column) ? [column] : [];
  });
  return columns.some((column) => {
    const known = facts.flatMap((fact) => ('A_Expr' in fact ? comparison(fact.A_Expr, column) : []));
    return bound.strategy === 'l' ? isListed(known, bound) : isBetween(known, bound);
  });
}

type Comparison = { readonly operator: string; readonly values: readonly string[] };

function isListed(known: readonly Comparison[], { strategy, listdatums = [] }: PartitionBoundSpec): boolean {
  const taken = new Set(listdatums.flatMap((each) => constantOf(each) ?? []));
  return (
    strategy === 'l' && known.some(({ operator, values }) => operator === '=' && values.every((v) => taken.has(v)))
  );
}

function isBetween(known: readonly Comparison[], { strategy, lowerdatums, upperdatums }: PartitionBoundSpec): boolean {
  const [[from, ...moreFrom], [to, ...moreTo]] = [lowerdatums ?? [], upperdatums ?? []];
  if (strategy !== 'r' || moreFrom.length + moreTo.length > 0) return false;
  const says = (operator: string, end: Node | undefined, open: string): boolean => {
    if (end === undefined) return false;
    const value = constantOf(end);
    return (
      columnIn(end) === open ||
      (value !== undefined && known.some((each) => each.operator === operator && each.values[0] === value))
    );
  };
  return says('>=', from, 'minvalue') && says('<', to, 'maxvalue');
}

function conjuncts(condition: Node): readonly Node[] {
  if (!('BoolExpr' in condition) || condition.BoolExpr.boolop !== 'AND_EXPR') return [condition];
  return (condition.BoolExpr.args ?? []).flatMap(conjuncts);
}

/** What a comparison says about the column; a value that is no constant makes it say nothing. */
function comparison({ kind, name, lexpr, rexpr }: A_Expr, column: string): readonly Comparison[] {
  const operator = wordsOf(name).at(-1) ?? '';
  if (columnIn(lexpr) !== column || rexpr === undefined) return [];
  const listed =
    kind === 'AEXPR_IN' && 'List' in rexpr
      ? rexpr.List.items
      : kind === 'AEXPR_OP_ANY' && 'A_ArrayExpr' in rexpr
        ? rexpr.A_ArrayExpr.elements
        : kind === 'AEXPR_OP'
          ? [rexpr]
          : [];
  const values = (listed ?? []).map(constantOf);
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 || known.length < values.length ? [] : [{ operator, values: known }];
}

/** The name of a bare column. */
function columnIn(node: Node | undefined): string | undefined {
  return node !== undefined && 'ColumnRef' in node ? wordsOf(node.ColumnRef.fields).at(-1) : undefined;
}

/** A constant as text, whatever type it is cast to. */
function constantOf(node: Node): string | undefined {
  if ('TypeCast' in node) return node.TypeCast.arg === undefined ? undefined : constantOf(node.TypeCast.arg);
  if (!('A_Const' in node)) return undefined;
  const { ival, fval, sval, boolval, isnull } = node.A_Const;
  if (isnull === true) return undefined;
  if (ival !== undefined) return String(ival.ival ?? 0);
  return fval?.fval ?? sval?.sval ?? (boolval === undefined ? undefined : String(boolval.boolval ?? false));
}
