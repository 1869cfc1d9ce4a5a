import { nameText, relationName } from '../names';
import { nodesOfKind } from '../node-index';
import { runsOnRows } from '../row-changes';
import { field, itemsOf, nameOf, textOf } from '../tree';
import { onOldTables } from './columns';
import { early, type Hit, type Judged, type Rule } from './rule';

export const keyRules: readonly Rule[] = [
  {
    code: 'drop-key',
    roles: early,
    danger:
      'may take away a key: `on conflict`, references and replicas of the version that serves need it, and rows that break it would keep it from coming back',
    instead:
      'drop it in `contract`; a check or a reference is taken where its name ends in `_check`, `_fkey` or `_not_null`, or the migration makes one of that name',
    hits: onOldTables(
      'dropping constraint',
      ({ command: { subtype, name = '' }, table }, { story }) =>
        subtype === 'AT_DropConstraint' && !/_(check|fkey|not_null)\d*$/.test(name) && !story.isRule(table, name),
    ),
  },
  {
    code: 'sequence-moved',
    roles: early,
    danger: 'makes the version that serves draw numbers that are taken, or leave some out, and no undo turns it back',
    instead: 'leave it where it is, or give the new form a sequence of its own',
    hits: (judged) => [
      ...restarted(judged),
      ...onOldTables(
        'restarting',
        ({ command: { subtype, def } }) => subtype === 'AT_SetIdentity' && restarts(def),
      )(judged),
      ...setByCall(judged),
    ],
  },
];

const restarts = (options: unknown): boolean =>
  [...itemsOf(options, 'options'), ...itemsOf(field(options, 'List'), 'items')].some(
    (each) => textOf(field(each, 'DefElem'), 'defname') === 'restart',
  );

function restarted({ node, story }: Judged): readonly Hit[] {
  if (!('AlterSeqStmt' in node) || !restarts(node.AlterSeqStmt)) return [];
  const sequence = nameText(relationName(node.AlterSeqStmt.sequence));
  return story.isNew(sequence) ? [] : [{ subject: `restarting sequence ${sequence}` }];
}

function setByCall({ node, story }: Judged): readonly Hit[] {
  if (!runsOnRows(node)) return [];
  return callsOf(node, 'setval').flatMap((call) => {
    const [argument] = itemsOf(call, 'args');
    const [table] = callsOf(argument, 'pg_get_serial_sequence').flatMap((each) => itemsOf(each, 'args'));
    const name = constantOf(table ?? argument)?.toLowerCase();
    if (name !== undefined && ownersOf(name).some((each) => story.isNew(each))) return [];
    const location = field(call, 'location');
    return [{ subject: 'setval()', ...(typeof location === 'number' ? { location } : {}) }];
  });
}

const callsOf = (tree: unknown, name: string): readonly unknown[] =>
  nodesOfKind(tree, 'FuncCall').filter((call) => nameOf(itemsOf(call, 'funcname')).at(-1) === name);

function constantOf(node: unknown): string | undefined {
  const cast = field(field(node, 'TypeCast'), 'arg');
  return textOf(field(field(cast ?? node, 'A_Const'), 'sval'), 'sval');
}

/** The sequence itself, and every table that it may have been made with: `orders_id_seq` belongs to `orders`. */
function ownersOf(name: string): readonly string[] {
  const parts = name.split('_');
  return parts.map((_, at) => parts.slice(0, at + 1).join('_'));
}
