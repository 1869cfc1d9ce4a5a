import { accountOf } from '../../src/demo/account';
import { badClaims, contractClaim, goodClaims, loadClaim, rejectedClaims } from '../../src/demo/claims';
import { devText } from '../../src/demo/dev-text';
import { nextSteps } from '../../src/demo/next-steps';
import { shellExports } from '../../src/demo/shell-exports';
import { brokenClaims, harmSentence, proofRows, timeRows } from '../../src/demo/summary';
import type { ReleaseReport } from '../../src/core/release/report';
import type { LoadRecord } from '../../src/stack/load-records';

const promoted: ReleaseReport = {
  service: 'shop',
  version: '2.0.0',
  environment: 'local',
  ending: 'Promoted',
  sentence: 'Promoted: shop 2.0.0 serves everyone.',
  release: null,
  planDigest: null,
  tookMs: 21_500,
  stages: [
    { id: 'expand', tookMs: 164, reason: '1 effect applied' },
    { id: 'promote', tookMs: null, reason: null },
  ],
  failure: null,
  undone: [],
  proof: null,
  gaps: [],
  refusals: [],
};
const rolledBack: ReleaseReport = {
  ...promoted,
  version: '3.0.0',
  ending: 'RolledBack',
  sentence: 'Rolled back: too many errors.',
  failure: { code: 'GuardrailBroken', reason: 'canary 16 %, limit 0.8 %', stage: 'expose-25', verdicts: [] },
  undone: [
    { effect: 'expose/shop', status: 'verified', afterMs: 59, detail: 'blue 0 % maint' },
    { effect: 'deploy/shop', status: 'verified', afterMs: 1_300, detail: null },
  ],
  proof: {
    isRestored: true,
    lines: [{ object: 'schema', expected: '11 objects', observed: '11 objects', isEqual: true }],
    drift: [],
  },
};

const record = (startedAt: number, status: number, version: string): LoadRecord => ({
  startedAt,
  durationMs: 5,
  status,
  error: '',
  slot: version === '3.0.0' ? 'blue' : 'green',
  version,
});
const records = [
  record(1_000, 200, '2.0.0'),
  record(1_100, 200, '3.0.0'),
  record(1_200, 500, '3.0.0'),
  record(1_300, 500, '3.0.0'),
  record(1_400, 200, '3.0.0'),
  record(1_500, 200, '2.0.0'),
];
const account = accountOf(records, { version: '3.0.0' });
const world = { columns: ['id', 'given_name'], settings: [], flags: [] };
const calm = { ...account, failed: 0 };
const held = { account, before: world, after: world, lastVersions: ['2.0.0'] };

const broken = (claims: readonly { readonly isTrue: boolean }[]): number =>
  claims.filter(({ isTrue }) => !isTrue).length;

describe('the account of what users met', () => {
  test('counts from the first bad answer to the start of the last request to the new version', () => {
    expect(account).toEqual({
      requests: 6,
      failed: 2,
      failedElsewhere: 0,
      canaryRequests: 4,
      breach: { atMs: 1_205, lastRequestAtMs: 1_400 },
    });
  });

  test("believes the shop's own record of its first failure before the load's", () => {
    expect(accountOf(records, { version: '3.0.0', firstFailureAtMs: 1_202 }).breach?.atMs).toBe(1_202);
  });

  test('tells failures of other versions apart and knows no breach without one', () => {
    const elsewhere = accountOf([record(1, 500, '2.0.0'), record(2, 200, '3.0.0')], { version: '3.0.0' });
    expect(elsewhere).toEqual({ requests: 2, failed: 1, failedElsewhere: 1, canaryRequests: 1 });
  });
});

describe('the claims of the demo', () => {
  test('hold for a good and a bad release as promised', () => {
    const contracted = { phase: 'Contracted' } as Parameters<typeof contractClaim>[0];
    const claims = [
      loadClaim(319),
      ...goodClaims(promoted, calm),
      contractClaim(contracted, world),
      ...badClaims(rolledBack, held),
      ...rejectedClaims(rolledBack, calm),
    ];
    expect(brokenClaims(claims)).toEqual([]);
  });

  test.each([
    ['the load is too small', [loadClaim(299)]],
    ['a request of the good release fails', goodClaims(promoted, { ...calm, failed: 1 })],
    ['no request was sent', goodClaims(promoted, { ...calm, requests: 0 })],
    ['it is not promoted', goodClaims({ ...promoted, ending: 'RolledBack' }, calm)],
    ['something stopped it that is no guardrail', badClaims({ ...rolledBack, failure: null }, held)],
    ['the proof is missing', badClaims({ ...rolledBack, proof: null }, held)],
    ['nothing was undone', badClaims({ ...rolledBack, undone: [] }, held)],
    ['a column stays', badClaims(rolledBack, { ...held, after: { ...world, columns: ['id', 'given_name', 'note'] } })],
    ['a flag stays', badClaims(rolledBack, { ...held, after: { ...world, flags: ['new-checkout'] } })],
    ['another version still answers', badClaims(rolledBack, { ...held, lastVersions: ['2.0.0', '3.0.0'] })],
    ['nobody answers', badClaims(rolledBack, { ...held, lastVersions: [] })],
    ['the baseline was harmed', badClaims(rolledBack, { ...held, account: { ...account, failedElsewhere: 1 } })],
    [
      'traffic stays too long',
      badClaims(rolledBack, { ...held, account: { ...account, breach: { atMs: 0, lastRequestAtMs: 3_001 } } }),
    ],
  ])('are broken when %s', (_, claims) => {
    expect(broken(claims)).toBe(1);
    expect(brokenClaims(claims)[0]).toMatch(/^✖ Not as promised: .+\. Found: .+/);
  });
});

describe('the texts', () => {
  test('the harm is told with time, number and share', () => {
    expect(harmSentence(rolledBack, account)).toBe(
      'From its first bad answer to the last request it was sent: 195ms. 2 of 6 requests were harmed (33.33 %).',
    );
    expect(harmSentence(rolledBack, accountOf([], { version: '3.0.0' }))).toBe('3.0.0 never gave a bad answer.');
  });

  test('times are told stage by stage and undo by undo', () => {
    expect(timeRows(rolledBack)).toEqual([
      ['3.0.0', '21.5s', 'RolledBack'],
      ['  expand', '164ms', '1 effect applied'],
      ['  expose-25', '', 'canary 16 %, limit 0.8 %'],
      ['  undo expose/shop', '+59ms', 'blue 0 % maint'],
      ['  undo deploy/shop', '+1.3s', 'verified'],
    ]);
    expect(proofRows(rolledBack)).toEqual([['✔', 'schema', '11 objects', '11 objects']]);
  });

  test.each([
    [{ A: 'plain' }, "export A='plain'\n"],
    [{ A: "it's $HOME" }, "export A='it'\\''s $HOME'\n"],
    [{}, ''],
  ])('variables %j reach a shell unharmed', (env, text) => {
    expect(shellExports(env)).toBe(text);
  });

  test('next steps fit what is still there', () => {
    const told = { places: [{ title: 'release 2.0.0', url: 'http://ui/1' }] };
    const at = { directory: '/run', environmentFile: '/run/environment.sh', told };
    const gone = nextSteps({ ...at, isKept: false }).join('\n');
    expect(gone).toContain('npm run demo -- --keep');
    expect(gone).not.toContain('/run');
    const kept = nextSteps({ ...at, isKept: true }).join('\n');
    for (const said of ['release 2.0.0: http://ui/1', 'eval "$(cat /run/environment.sh)"', 'Ctrl-C takes it down'])
      expect(kept).toContain(said);
  });

  test('dev says where everything is and that a release waits without users', () => {
    const text = devText({
      temporalUi: 'http://ui',
      temporal: '127.0.0.1:7233',
      traffic: 'http://shop',
      requestsPerSecond: 0,
      haproxyStats: 'http://stats',
      haproxySocket: '/run/admin.sock',
      slots: { blue: '127.0.0.1:1', green: '127.0.0.1:2' },
      prometheus: 'http://prometheus',
      worker: 'http://worker',
      sentinel: 'http://sentinel',
      sentinelFile: '/run/sentinel.yaml',
      shopDsn: 'postgres://shop',
      directory: '/run',
      environmentFile: '/run/environment.yaml',
      policyFile: '/run/policy.yaml',
      exportsFile: '/run/environment.sh',
      good: '/run/good.yaml',
      bad: '/run/bad.yaml',
    }).join('\n');
    expect(text).toContain('shop, for users      http://shop (nobody uses it: a release waits for requests)');
    expect(text).toContain('npx spillway start /run/good.yaml --watch');
    expect(text).toContain('npx spillway start /run/bad.yaml --watch');
  });
});
