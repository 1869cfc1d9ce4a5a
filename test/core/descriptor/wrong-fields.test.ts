import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added, issueOf, without, instead } from './issue-of';

// What is added to a good descriptor from line 7 on, or a whole text; where and what the issue is; what to do.
const rows: readonly (readonly [name: string, text: string, issue: string, fix: string])[] = [
  [
    'a misspelt key',
    added('fulExposure: { holdbackPercent: 2 }'),
    '7:1 key-unknown fulExposure',
    'did you mean fullExposure?',
  ],
  [
    'a word of another tool',
    added('stages: [{ canaryPercent: 5, weight: 5 }]'),
    '7:30 key-unknown stages[0].weight',
    'did you mean canaryPercent?',
  ],
  [
    'a part of a word',
    added('stages: [{ canaryPercent: 5, bake: 5m }]'),
    '7:30 key-unknown stages[0].bake',
    'did you mean bakeTime?',
  ],
  [
    'a key like none',
    added('xyzzyplugh: 1'),
    '7:1 key-unknown xyzzyplugh',
    'allowed here: apiVersion, service, version, environment, hypothesis, owners, stages, cohorts, fullExposure, budget, risk, metrics, checks, migrations, invariants, configuration, flags, credentials, notSecret, gates, contractGate, contract, noData, rollback, pause, notify',
  ],
  [
    'a missing key in a list',
    added('stages:\n  - bakeTime: 1m'),
    '8:5 key-missing stages[0].canaryPercent',
    'add `canaryPercent: 5`',
  ],
  [
    'a missing key in a map',
    added('gates: {}\ninvariants:\n  - id: a'),
    '9:5 key-missing invariants[0].query',
    'add `query: db/no-order-lost.sql`',
  ],
  [
    'a text for a number',
    added('stages: [{ canaryPercent: "5" }]'),
    '7:27 wrong-type stages[0].canaryPercent',
    'write 5',
  ],
  ['a percent sign', added('stages: [{ canaryPercent: 5% }]'), '7:27 wrong-type stages[0].canaryPercent', 'write 5'],
  ['a number for a text', added('notify: [{ to: 7 }]'), '7:16 text-not-quoted notify[0].to', 'quote it'],
  [
    'true for a text',
    added('invariants: [{ id: a, query: true }]'),
    '7:30 text-not-quoted invariants[0].query',
    'quote it',
  ],
  [
    'nothing for a map',
    added('gates:'),
    '7:1 wrong-type gates',
    'write a map of `key: value` lines, or take the key out',
  ],
  [
    'nothing for a text',
    added('invariants: [{ id: a, query: }]'),
    '7:23 wrong-type invariants[0].query',
    'write `query: db/no-order-lost.sql`',
  ],
  ['a map for a list', added('stages: { canaryPercent: 5 }'), '7:9 wrong-type stages', 'write a list'],
  ['a list for a map', added('pause: [1h]'), '7:8 wrong-type pause', 'write a map of `key: value` lines'],
  [
    'a duration with a space',
    added('pause: { longest: 4 h }'),
    '7:19 text-malformed pause.longest',
    'write a whole number with its unit: `500ms`, `30s`, `10m`, `4h`, `14d`',
  ],
  [
    'a duration without unit',
    added('pause: { longest: 4 }'),
    '7:19 text-malformed pause.longest',
    'write a whole number with its unit: `500ms`, `30s`, `10m`, `4h`, `14d`',
  ],
  [
    'a fraction of requests',
    added('stages: [{ canaryPercent: 5, minRequests: 1.5 }]'),
    '7:43 wrong-type stages[0].minRequests',
    'write a whole number',
  ],
  [
    'negative requests',
    added('stages: [{ canaryPercent: 5, minRequests: -1 }]'),
    '7:43 number-out-of-range stages[0].minRequests',
    'write a number at least 0',
  ],
  [
    'a holdback above half',
    added('fullExposure: { holdbackPercent: 51 }'),
    '7:34 number-out-of-range fullExposure.holdbackPercent',
    'write a number at most 50',
  ],
  [
    'a word that is near',
    added('noData: { then: rollback }'),
    '7:17 word-unknown noData.then',
    'did you mean roll-back?',
  ],
  [
    'a word that is far',
    added('noData: { then: carry-on }'),
    '7:17 word-unknown noData.then',
    'allowed here: roll-back, hold',
  ],
  [
    'a word in a list',
    added('notify: [{ to: a, on: [ended, gatte] }]'),
    '7:31 word-unknown notify[0].on[1]',
    'did you mean gate?',
  ],
  [
    'a name in capitals',
    added('notify: [{ to: Release }]'),
    '7:16 text-malformed notify[0].to',
    'write lower-case letters, digits and dashes, at most 63',
  ],
  [
    'a capital in a key',
    added('gates: { Full: {} }'),
    '7:10 name-malformed gates.Full',
    'write lower-case letters, digits and dashes, at most 63',
  ],
  [
    'a limit in other words',
    added('metrics: { a: { max: baseline plus 1% } }'),
    '7:22 text-malformed metrics.a.max',
    'write `baseline + 0.5%`, `baseline * 1.2` or `1%`',
  ],
  [
    'a source that is near',
    added('metrics: { a: { source: promethus, max: 1% } }'),
    '7:25 word-unknown metrics.a.source',
    'did you mean prometheus?',
  ],
  [
    'a histogram without bound',
    added('metrics: { a: { source: prometheus, histogram: \'x{slot="$slot"}\', max: 1% } }'),
    '7:12 key-missing metrics.a.above',
    'add `above: 250ms`',
  ],
  [
    'a ratio without its total',
    added('metrics: { a: { source: prometheus, bad: \'x{slot="$slot"}\', max: 1% } }'),
    '7:12 key-missing metrics.a.total',
    'add `total: \'http_requests_total{slot="$slot"}\'`',
  ],
  [
    'a value with a limit of shares',
    added('metrics: { a: { source: prometheus, value: x, max: 1% } }'),
    '7:52 text-malformed metrics.a.max',
    'write a number, `baseline + 0.1` or `baseline * 1.2`',
  ],
  [
    'a metric that is a number',
    added('metrics: { a: 1 }'),
    '7:15 wrong-type metrics.a',
    'write a map of `key: value` lines',
  ],
  [
    'a list as a flag value',
    added('flags: [{ flag: a, value: [1] }]'),
    '7:27 wrong-type flags[0].value',
    'write true or false, or text, or a number, or a map of `key: value` lines',
  ],
  [
    'a map in configuration',
    added('configuration: [{ set: { a: { b: 1 } } }]'),
    '7:29 wrong-type configuration[0].set.a',
    'write text, or a number, or true or false, or null',
  ],
  [
    'a path without slash',
    added('checks: [{ path: health }]'),
    '7:18 text-malformed checks[0].path',
    'begin with / and write no spaces',
  ],
  [
    'a status of no meaning',
    added('checks: [{ path: /, status: 99 }]'),
    '7:29 number-out-of-range checks[0].status',
    'write a number at least 100',
  ],
  [
    'a method not offered',
    added('checks: [{ path: /, method: PUT }]'),
    '7:29 word-unknown checks[0].method',
    'allowed here: GET, HEAD, POST',
  ],
  [
    'an empty list of roles',
    added('gates: { full: { from: [] } }'),
    '7:24 list-too-short gates.full.from',
    'list at least 1',
  ],
  [
    'no approvals',
    added('gates: { full: { approvals: 0 } }'),
    '7:29 number-out-of-range gates.full.approvals',
    'write a number at least 1',
  ],
  [
    'too many approvals',
    added('gates: { full: { approvals: 11 } }'),
    '7:29 number-out-of-range gates.full.approvals',
    'write a number at most 10',
  ],
  [
    'a sentence that is empty',
    added('notify: []\nmigrations: [{ id: a, backfill: { batch: a.sql, undo: { skip: "" } } }]'),
    '8:63 text-empty migrations[0].backfill.undo.skip',
    'write it',
  ],
  [
    'a misspelt skip',
    added('migrations: [{ id: a, backfill: { batch: a.sql, undo: { skp: x } } }]'),
    '7:49 key-missing migrations[0].backfill.undo.skip | 7:57 key-unknown migrations[0].backfill.undo.skp',
    'add `skip: why nothing has to be undone` | did you mean skip?',
  ],
  [
    'a number as undo',
    added('migrations: [{ id: a, backfill: { batch: a.sql, undo: 1 } }]'),
    '7:55 text-not-quoted migrations[0].backfill.undo',
    'quote it',
  ],
  [
    'a skip where SQL must undo',
    added('migrations: [{ id: a, expand: { sql: a.sql, undo: { skip: x } } }]'),
    '7:51 expand-undo-skipped migrations[0].expand.undo',
    'write `undo: FILE.sql`',
  ],
  [
    'a skip where a switch must be undone',
    added('migrations: [{ id: a, switch: { sql: a.sql, undo: { skip: x } } }]'),
    '7:51 switch-undo-skipped migrations[0].switch.undo',
    'write `undo: FILE.sql`',
  ],
  [
    'another API version',
    instead('apiVersion: spillway/v1', 'apiVersion: spillway/v2'),
    '1:13 word-unknown apiVersion',
    'write spillway/v1',
  ],
  ['no owners', without('owners: { lead: Ada }'), '1:1 key-missing owners', 'add `owners: { lead: Ada }`'],
  [
    'no lead',
    instead('owners: { lead: Ada }', 'owners: { sponsor: Ada }'),
    '6:1 key-missing owners.lead',
    'add `lead: Ada`',
  ],
  ['no version', without('version: "1.4.0"'), '1:1 key-missing version', 'add `version: "1.4.0"`'],
  [
    'an empty hypothesis',
    instead('hypothesis: { change: checkout is faster, keep: no order is lost }', 'hypothesis:'),
    '5:1 wrong-type hypothesis',
    'write `hypothesis: { change: checkout gets faster, keep: no order is lost }`',
  ],
  [
    'an option as version',
    instead('version: "1.4.0"', 'version: "--help"'),
    '3:10 text-malformed version',
    'write letters, digits and . _ + : @ / - only, and begin with a letter or digit',
  ],
  [
    'an empty version',
    instead('version: "1.4.0"', 'version: ""'),
    '3:10 text-malformed version',
    'write letters, digits and . _ + : @ / - only, and begin with a letter or digit',
  ],
];

describe('wrong fields in a descriptor', () => {
  it.each(rows)('%s', (_name, text, issue, fix) => {
    expect(issueOf(parseDescriptor(text, 'release.yaml'))).toEqual({ issue, fix });
  });
});
