import {
  decideComplete,
  decideRollback,
  decideStart,
  howToMend,
  whyNotReady,
  whyUnfinished,
  type PgrollState,
} from '../../../src/core/pgroll/decide';
import { readPgrollFile } from '../../../src/core/pgroll/read-file';
import { tablesToFill, triggersOf } from '../../../src/core/pgroll/triggers';

const read = (text: string) => {
  const found = readPgrollFile({ path: 'db/02_age.yaml', sql: text });
  if (!found.ok) throw new Error(found.why);
  return found.file;
};
const file = read(
  'operations:\n  - alter_column: { table: users, column: age, type: int, up: age::int, down: age::text }\n',
);

/** As the tables of pgroll were after `start`. */
const started: PgrollState = {
  isInitialised: true,
  hasHistory: true,
  hasTables: true,
  active: '02_age',
  migration: 'started',
  isViewed: true,
  missingTriggers: [],
  brokenTriggers: [],
  unfilled: [{ table: 'users', rows: 0, isTwoWay: true }],
};
/** As they were after a kill -9 in mid-fill, when pgroll said "In progress" and let itself be completed. */
const killed: PgrollState = { ...started, unfilled: [{ table: 'users', rows: 786_000, isTwoWay: true }] };
const absent: PgrollState = { ...started, active: undefined, migration: undefined, unfilled: [] };
const completed: PgrollState = { ...absent, migration: 'completed' };
const [up] = triggersOf(file);
const halfMade: PgrollState = { ...started, missingTriggers: up === undefined ? [] : [up] };
/** As they were when `complete` was killed after it had dropped the old column. */
const cutShort: PgrollState = { ...started, brokenTriggers: triggersOf(file) };

it('names the command that makes a database ready', () => {
  expect(whyNotReady({ ...absent, isInitialised: false }, file, 'public')).toContain('`pgroll init`');
  expect(whyNotReady({ ...absent, hasHistory: false }, file, 'public')).toContain(
    '`pgroll baseline 01_initial DIR --yes`',
  );
  expect(whyNotReady({ ...absent, hasHistory: false, hasTables: false }, file, 'public')).toBeUndefined();
  expect(whyNotReady({ ...absent, active: '01_other' }, file, 'public')).toContain('pgroll has 01_other in progress');
});

it.each([
  ['nothing of it is there', absent, 'start'],
  ['it is done', started, 'nothing'],
  ['it was killed in mid-fill', killed, 'fill'],
  ['a trigger is not there', halfMade, 'restart'],
  ['a table has no view', { ...killed, isViewed: false }, 'restart'],
  ['it is completed', completed, 'nothing'],
  ['another is in progress', { ...absent, active: '01_other' }, 'refuse'],
  ['there is no baseline', { ...absent, hasHistory: false }, 'refuse'],
])('start, when %s', (_, state, step) => {
  expect(decideStart(state, file, 'public').do).toBe(step);
});

it('is not done before its own count is zero and every trigger is there', () => {
  expect(whyUnfinished(started)).toBeUndefined();
  expect(whyUnfinished(killed)).toBe('786000 rows of users have no new form yet');
  expect(whyUnfinished(halfMade)).toContain('_pgroll_trigger_users_age is not there');
  expect(whyUnfinished(completed)).toBeUndefined();
});

it.each([
  ['all is filled and nobody is there', started, true, [], 'complete'],
  ['all is filled, and somebody reads the old form', started, true, ['session 7'], 'refuse'],
  ['rows are not filled', killed, true, [], 'fill'],
  ['rows are not filled and nobody has ever counted them', killed, false, [], 'refuse'],
  ['a trigger is gone', halfMade, true, [], 'refuse'],
  ['it was killed on the way', cutShort, true, ['session 7'], 'mend'],
  ['it was rolled back', absent, true, [], 'refuse'],
  ['it is completed', completed, true, ['session 7'], 'nothing'],
])('complete, when %s', (_, state, isCounted, users, step) => {
  expect(decideComplete(state, file, { isCounted, users }).do).toBe(step);
});

it('says how to finish a contract that was cut short', () => {
  expect(howToMend(cutShort, file, 'public')).toMatch(/triggers on users .*where name = '02_age'/);
});

it('does not fill over what new code has written since', () => {
  const oneWay = { ...killed, unfilled: [{ table: 'users', rows: 3, isTwoWay: false }] };
  expect(decideComplete(oneWay, file, { isCounted: true, users: [] }).do).toBe('complete');
  expect(decideComplete(oneWay, file, { isCounted: false, users: [] }).do).toBe('refuse');
});

it.each([
  ['it is in progress', started, 'rollback'],
  ['it was killed half-way', halfMade, 'rollback'],
  ['nothing of it is there, though another is in progress', { ...absent, active: '01_other' }, 'nothing'],
  ['it is completed', completed, 'refuse'],
])('rollback, when %s', (_, state, step) => {
  expect(decideRollback(state, file).do).toBe(step);
});

it('knows the triggers of every operation, and which tables they fill', () => {
  const all = read(`operations:
  - add_column: { table: a, column: { name: b, type: int, nullable: true }, up: "1" }
  - add_column: { table: plain, column: { name: b, type: int, nullable: true } }
  - drop_column: { table: a, column: c, down: "'x'" }
  - drop_column: { table: gone, column: c, down: "'x'" }
  - create_constraint: { table: d, columns: [e, f], name: u, type: unique, up: { e: e, f: f }, down: { e: e, f: f } }
  - drop_multicolumn_constraint: { table: g, name: h, down: { i: i } }
  - add_column: { table: j, column: { name: k, type: int, nullable: true }, up: "1" }
`);
  expect(triggersOf(all).map(({ name, direction }) => `${name} ${direction}`)).toEqual([
    '_pgroll_trigger_a_b up',
    '_pgroll_trigger_a_c down',
    '_pgroll_trigger_gone_c down',
    '_pgroll_trigger_d_e up',
    '_pgroll_trigger_d__pgroll_new_e down',
    '_pgroll_trigger_d_f up',
    '_pgroll_trigger_d__pgroll_new_f down',
    '_pgroll_trigger_g_i up',
    '_pgroll_trigger_g__pgroll_new_i down',
    '_pgroll_trigger_j_k up',
  ]);
  expect(tablesToFill(all)).toEqual([
    { table: 'a', isTwoWay: true },
    { table: 'd', isTwoWay: true },
    { table: 'g', isTwoWay: true },
    { table: 'j', isTwoWay: false },
  ]);
});
