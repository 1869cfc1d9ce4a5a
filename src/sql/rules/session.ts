import type { VariableSetStmt } from 'libpg-query';
import { kindOf } from '../outside-transaction';
import { isDangerousFunction } from '../server-functions';
import { functionsCalled } from '../walk';
import { every, hitWhen, type Judged, type Rule } from './rule';

const prepared = new Set([
  'PrepareStmt',
  'ExecuteStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'DiscardStmt',
  'LoadStmt',
]);

const called = ({ node }: Judged, isWanted: (name: string) => boolean): readonly string[] => [
  ...new Set(
    functionsCalled(node)
      .map((words) => words.at(-1) ?? '')
      .filter(isWanted),
  ),
];

/** Until the end of the transaction nothing but PostgreSQL's own is found without its schema: it only takes away. */
const isFixedPath = ({ name, is_local: isLocal, args = [] }: VariableSetStmt): boolean =>
  name === 'search_path' &&
  isLocal === true &&
  args.length > 0 &&
  args.every((arg) => 'A_Const' in arg && ['pg_catalog', 'pg_temp'].includes(arg.A_Const.sval?.sval ?? ''));

export const sessionRules: readonly Rule[] = [
  {
    code: 'session-setting',
    roles: every,
    danger: 'changes the session that Spillway works in, with its time limits, its user and its search path',
    instead:
      'leave it out: `lockTimeout` and `statementTimeout` stand in the environment file, and names may carry their schema; `set local search_path = pg_catalog, pg_temp` is taken',
    hits: (judged) => {
      const { node } = judged;
      if ('VariableSetStmt' in node)
        return isFixedPath(node.VariableSetStmt)
          ? []
          : [{ subject: `setting ${node.VariableSetStmt.name ?? 'all of them'}` }];
      return called(judged, (name) => name === 'set_config').map((name) => ({ subject: name }));
    },
  },
  {
    code: 'session-state',
    roles: every,
    danger: 'leaves something in the session, or runs what another statement has hidden there',
    instead: 'write the statement itself',
    hits: ({ node }) => hitWhen(prepared.has(kindOf(node)), kindOf(node).replace(/Stmt$/, '').toLowerCase()),
  },
  {
    code: 'server-function',
    roles: every,
    danger:
      'acts on the server and not on the schema: it reads its files, ends sessions, reaches other servers or sleeps with locks in hand',
    instead: 'do it by hand, outside of a release',
    hits: (judged) => called(judged, isDangerousFunction).map((name) => ({ subject: `${name}()` })),
  },
];
