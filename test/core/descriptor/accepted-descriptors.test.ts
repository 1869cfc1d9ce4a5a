import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added } from './issue-of';
import { minimal } from './minimal';

const full = added(`stages:
  - { canaryPercent: 1, bakeTime: 30s, minRequests: 0 }
  - { canaryPercent: 50, gate: before-most }
fullExposure: { holdbackPercent: 0, rollbackWindow: 2h, gate: before-most }
metrics:
  http-errors: { max: baseline + 0.3% }
  slow: { source: prometheus, histogram: 's_bucket{slot="$slot"}', above: 250ms, max: baseline * 1.1 }
  failed: { source: prometheus, bad: 'b{slot="$slot"}', total: 't{slot="$slot"}', max: 1%, guardrail: false }
  queue: { source: prometheus, value: 'q{slot="$slot"}', max: 12.5 }
migrations:
  - id: 002-split-name
    expand: { sql: db/expand.sql, undo: db/expand.undo.sql, check: db/expand.check.sql }
    backfill: { batch: db/backfill.sql, undo: { skip: the column goes away with expand } }
    contract: { sql: db/contract.sql, undo: { skip: the old column is written by nobody any more } }
invariants: [{ id: no-order-lost, query: db/no-order-lost.sql }]
configuration: [{ set: { timeoutMs: 800, mode: fast, isOn: true, gone: null } }]
flags: [{ flag: new-checkout, value: true, killSwitch: true }]
gates: { before-most: { approvals: 2, from: [release-captains] } }
notify: [{ to: release-channel, on: [gate, ended] }]`);

describe('a descriptor that is right', () => {
  it.each([
    ['as it is', minimal],
    ['with every part', full],
    ['behind a document mark', `---\n${minimal}`],
    ['with an end mark', `${minimal}...\n`],
    ['with a byte order mark', `\ufeff${minimal}`],
    ['with line ends of Windows', minimal.replaceAll('\n', '\r\n')],
    ['as JSON', JSON.stringify({ ...parsed(minimal) })],
    ['with a version in single quotes', minimal.replace('"1.4.0"', "'1.10'")],
    ['with an image digest as version', minimal.replace('1.4.0', `registry/shop@sha256:${'a'.repeat(64)}`)],
    ['with brackets, stars and ampersands inside text', added('checks: [{ path: "/?a[]=*&b={}" }]')],
    ['with blue/green exposure', added('stages: []')],
  ])('is accepted %s', (_name, text) => {
    const result = parseDescriptor(text, 'release.yaml');
    expect(result.ok ? [] : result.issues.map(formatIssue)).toEqual([]);
  });

  it('gets every default that it leaves out', () => {
    expect(parsed(minimal)).toEqual({
      apiVersion: 'spillway/v1',
      service: 'shop',
      version: '1.4.0',
      environment: 'production',
      hypothesis: { change: 'checkout is faster', keep: 'no order is lost' },
      owners: { lead: 'Ada' },
      stages: [
        { canaryPercent: 5, bakeTime: '10m' },
        { canaryPercent: 25, bakeTime: '10m' },
      ],
      cohorts: [],
      fullExposure: { holdbackPercent: 1, rollbackWindow: '30m' },
      metrics: { 'http-errors': { source: 'proxy', max: 'baseline + 0.5%', guardrail: true } },
      checks: [{ path: '/', method: 'GET', status: 200 }],
      migrations: [],
      notSecret: [],
      invariants: [],
      configuration: [],
      flags: [],
      gates: {},
      contract: { quiet: '7d', checkEvery: '1h', renamed: '1d', keep: '90d' },
      contractGate: { approvals: 1, timeout: '14d', remindEvery: '1d', onTimeout: 'roll-back' },
      noData: { holdFor: '10m', then: 'roll-back' },
      rollback: {
        onBreach: 'emergency',
        onAbort: 'emergency',
        drain: { every: '10s', sessions: '30s', baselineWait: '2m' },
        backInBand: '5s',
      },
      pause: { longest: '24h' },
      notify: [],
    });
  });

  it('keeps a quoted version as it was written', () => {
    expect(parsed(minimal.replace('1.4.0', '1.10'))).toMatchObject({ version: '1.10' });
  });
});

function parsed(text: string): object {
  const result = parseDescriptor(text, 'release.yaml');
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.value;
}
