import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added, issueOf, instead } from './issue-of';

// What is added to a good descriptor from line 7 on, or a whole text; where and what the issue is; what to do.
const rows: readonly (readonly [name: string, text: string, issue: string, fix: string])[] = [
  [
    'a version that becomes a number',
    instead('version: "1.4.0"', 'version: 1.10'),
    '3:10 version-not-quoted version',
    'write version: "1.10"',
  ],
  [
    'a version that is a whole number',
    instead('version: "1.4.0"', 'version: 17'),
    '3:10 version-not-quoted version',
    'write version: "17"',
  ],
  [
    'a version without quotes',
    instead('version: "1.4.0"', 'version: 1.4.0'),
    '3:10 version-not-quoted version',
    'write version: "1.4.0"',
  ],
  [
    'a version that looks octal',
    instead('version: "1.4.0"', 'version: 010'),
    '3:10 version-not-quoted version',
    'write version: "010"',
  ],
  [
    'a block of text as version',
    instead('version: "1.4.0"', 'version: |\n  1.4.0'),
    '3:10 version-not-quoted version',
    'write version: "1.4.0"',
  ],
  [
    'a percent of 0',
    added('stages: [{ canaryPercent: 0 }]'),
    '7:27 percent-out-of-range stages[0].canaryPercent',
    'take the stage out, or write a small share such as 1',
  ],
  [
    'a percent of 100',
    added('stages: [{ canaryPercent: 5 }, { canaryPercent: 100 }]'),
    '7:49 percent-out-of-range stages[1].canaryPercent',
    'take the stage out; `stages: []` goes to full exposure in one step',
  ],
  [
    'a percent of 101',
    added('stages: [{ canaryPercent: 101 }]'),
    '7:27 percent-out-of-range stages[0].canaryPercent',
    'write a share between 0 and 100',
  ],
  [
    'a negative percent',
    added('stages: [{ canaryPercent: -5 }]'),
    '7:27 percent-out-of-range stages[0].canaryPercent',
    'write a share between 0 and 100',
  ],
  [
    'falling percents',
    added('stages:\n  - canaryPercent: 25\n  - canaryPercent: 5'),
    '9:20 stages-not-rising stages[1].canaryPercent',
    'write at least 25.4, or put the stages in order',
  ],
  [
    'equal percents',
    added('stages:\n  - canaryPercent: 5\n  - canaryPercent: 5'),
    '9:20 stages-not-rising stages[1].canaryPercent',
    'write at least 5.4, or put the stages in order',
  ],
  [
    'a stage above full exposure',
    added('stages: [{ canaryPercent: 99.5 }]'),
    '7:27 holdback-too-large stages[0].canaryPercent',
    'write at most 98.6, or lower fullExposure.holdbackPercent',
  ],
  [
    'a stage above a large holdback',
    added('stages: [{ canaryPercent: 80 }]\nfullExposure: { holdbackPercent: 30 }'),
    '7:27 holdback-too-large stages[0].canaryPercent',
    'write at most 69.6, or lower fullExposure.holdbackPercent',
  ],
  [
    'a gate that is not there',
    added('stages: [{ canaryPercent: 5, gate: full }]'),
    '7:36 gate-unknown stages[0].gate',
    'add `gates: { full: { approvals: 1 } }`',
  ],
  [
    'a gate that is misspelt',
    added('stages: [{ canaryPercent: 5, gate: ful }]\ngates: { full: {} }'),
    '7:36 gate-unknown stages[0].gate',
    'did you mean full?',
  ],
  [
    'a gate of full exposure that is not there',
    added('fullExposure: { gate: last }\ngates: { full: {} }'),
    '7:23 gate-unknown fullExposure.gate',
    'allowed here: full',
  ],
  [
    'a gate named like a method',
    added('fullExposure: { gate: valueof }'),
    '7:23 gate-unknown fullExposure.gate',
    'add `gates: { valueof: { approvals: 1 } }`',
  ],
  [
    'a migration id twice',
    added(
      'migrations:\n  - { id: a, expand: { sql: a.sql, undo: b.sql } }\n  - { id: a, expand: { sql: a.sql, undo: b.sql } }',
    ),
    '9:11 id-twice migrations[1].id',
    'give each its own id',
  ],
  [
    'an invariant id twice',
    added('invariants: [{ id: a, query: a.sql }, { id: a, query: b.sql }]'),
    '7:45 id-twice invariants[1].id',
    'give each its own id',
  ],
  [
    'a migration without part',
    added('migrations: [{ id: a }]'),
    '7:14 migration-empty migrations[0]',
    'give it expand, backfill, indexes, switch or contract',
  ],
  [
    'an expand without undo',
    added('migrations:\n  - id: a\n    expand: { sql: a.sql }'),
    '9:5 undo-missing migrations[0].expand.undo',
    'add `undo: FILE.sql`',
  ],
  [
    'a backfill without undo',
    added('migrations:\n  - id: a\n    backfill: { batch: a.sql }'),
    '9:5 undo-missing migrations[0].backfill.undo',
    'add `undo: FILE.sql`, or `undo: { skip: why nothing has to be undone }`',
  ],
  [
    'a contract without undo',
    added('migrations:\n  - id: a\n    contract: { sql: a.sql }'),
    '9:5 undo-missing migrations[0].contract.undo',
    'add `undo: { skip: why that is acceptable }`',
  ],
  [
    'an undo that is empty',
    added('migrations:\n  - id: a\n    expand:\n      sql: a.sql\n      undo:'),
    '11:7 undo-missing migrations[0].expand.undo',
    'add `undo: FILE.sql`',
  ],
  [
    'a contract with SQL as undo',
    added('migrations: [{ id: a, contract: { sql: a.sql, undo: b.sql } }]'),
    '7:53 contract-undo-file migrations[0].contract.undo',
    'write `undo: { skip: why that is acceptable }`',
  ],
  [
    'a flag twice',
    added('flags: [{ flag: a, value: true }, { flag: a, value: false }]'),
    '7:43 flag-twice flags[1].flag',
    'keep one of them',
  ],
  [
    'a configuration key twice',
    added('configuration:\n  - set: { a: 1 }\n  - set: { a: 2 }'),
    '9:12 configuration-key-twice configuration[1].set.a',
    'keep one of them',
  ],
  [
    'a histogram without $slot',
    added('metrics: { a: { source: prometheus, histogram: x_bucket, above: 1s, max: 1% } }'),
    '7:48 slot-missing metrics.a.histogram',
    'add a label such as {slot="$slot"}',
  ],
  [
    'a ratio without $slot',
    added('metrics: { a: { source: prometheus, bad: x, total: \'y{slot="$slot"}\', max: 1% } }'),
    '7:42 slot-missing metrics.a.bad',
    'add a label such as {slot="$slot"}',
  ],
  [
    'an absolute path',
    added('invariants: [{ id: a, query: /etc/passwd }]'),
    '7:30 path-absolute invariants[0].query',
    'write it relative to the descriptor, with plain slashes, such as db/001.sql',
  ],
  [
    'a path of Windows',
    added("invariants: [{ id: a, query: 'C:\\x.sql' }]"),
    '7:30 path-absolute invariants[0].query',
    'write it relative to the descriptor, with plain slashes, such as db/001.sql',
  ],
  [
    'a path that escapes',
    added('invariants: [{ id: a, query: db/../../x.sql }]'),
    '7:30 path-escapes invariants[0].query',
    'put the file beside or below the descriptor',
  ],
  [
    'a path that escapes backwards',
    added("invariants: [{ id: a, query: '..\\x.sql' }]"),
    '7:30 path-escapes invariants[0].query',
    'put the file beside or below the descriptor',
  ],
  [
    'a path with a dot',
    added('invariants: [{ id: a, query: ./x.sql }]'),
    '7:30 path-not-plain invariants[0].query',
    'write it relative to the descriptor, with plain slashes, such as db/001.sql',
  ],
  [
    'a path to a folder',
    added('invariants: [{ id: a, query: db/ }]'),
    '7:30 path-not-plain invariants[0].query',
    'write it relative to the descriptor, with plain slashes, such as db/001.sql',
  ],
];

describe('wrong rules across fields in a descriptor', () => {
  it.each(rows)('%s', (_name, text, issue, fix) => {
    expect(issueOf(parseDescriptor(text, 'release.yaml'))).toEqual({ issue, fix });
  });
});
