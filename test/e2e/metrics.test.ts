import type { ReleaseReport } from '../../src/core/release/report';
import { startRealRig, type RealRig } from '../support/real-release';
import { startRelay, type Relay } from '../support/relay';
import { longAt25, type Fields } from '../support/shop-descriptor';

let rig: RealRig;
let relay: Relay;

beforeAll(async () => {
  relay = await startRelay();
  rig = await startRealRig({ changeTargets: { prometheus: { url: `http://${relay.host}` } } });
  relay.to(new URL(rig.embedded.stack.prometheus.url).host);
});
afterAll(async () => {
  await rig.close();
  await relay.close();
});

const bucket = 'http_request_duration_seconds_bucket{slot="$slot",service="shop"}';
const latency = { source: 'prometheus', histogram: bucket, above: '250ms', max: 'baseline + 1%' };
const answers = {
  source: 'prometheus',
  bad: 'http_requests_total{slot="$slot",service="shop",code=~"5.."}',
  total: 'http_requests_total{slot="$slot",service="shop"}',
  max: '1%',
};
const at25 = (metrics: Fields, holdFor: string, bakeTime = '1s'): Fields => ({
  stages: [{ canaryPercent: 25, bakeTime, minRequests: 20 }],
  metrics,
  noData: { holdFor, then: 'roll-back' },
});

/** Nothing else is asked of a metric than to be named. */
function expectNotShown({ proof, sentence }: ReleaseReport, why: RegExp): void {
  const object = 'guardrail answers of the baseline';
  expect(proof).toMatchObject({ isRestored: true, notShown: [{ object, why: expect.stringMatching(why) as string }] });
  expect(proof?.lines.map((line) => line.object)).not.toContain(object);
  expect(sentence).toMatch(/the baseline is proved restored; not shown: guardrail answers of the baseline: /);
}

test('rolls a slow canary back on its latency histogram alone', async () => {
  const release = await rig.start('4.0.0', { ...at25({ latency }, '30s'), ...longAt25 });
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'GuardrailBroken', metric: 'latency' } });
  expect(report.failure?.reason).toMatch(/^latency: canary [\d.]+ % of \d+ requests/);
  expect(report.proof?.isRestored).toBe(true);
  expect(rig.load.snapshot().failed).toBe(0);
});

test('rolls a canary back whose mean duration ranks above the baseline’s, once the stage has baked', async () => {
  const spent = 'http_request_duration_seconds';
  const of = (part: string): string => `sum(rate(${spent}_${part}{slot="$slot",service="shop"}[10s]))`;
  const duration = {
    source: 'prometheus',
    value: `${of('sum')} / ${of('count')}`,
    max: 'baseline * 1.5',
    method: 'mann-whitney',
  };
  const release = await rig.start('4.0.0', at25({ duration }, '60s', '20s'));
  const report = await release.report(90_000);
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'GuardrailBroken', metric: 'duration' } });
  expect(report.failure?.reason).toMatch(/^duration: canary [\d.]+, baseline [\d.]+, .*; High of \d+ readings each/);
}, 100_000);

test('leaves a stage that names no requests only with a proof', async () => {
  const errors = { source: 'proxy', max: 'baseline + 0.5%' };
  const stages = [{ canaryPercent: 25, bakeTime: '500ms' }];
  const release = await rig.start('2.2.0', { ...at25({ errors }, '60s'), stages });
  expect(await release.says(/not proved/)).toMatch(
    /^Held at 25 %: errors: canary .*; not proved within the limit yet, evidence [\d.e-]+ of 20 needed/,
  );
  expect((await release.report()).ending).toBe('Promoted');
});

test('holds while Prometheus is away, names it, and goes on when it is back', async () => {
  const release = await rig.start('2.0.0', at25({ answers }, '60s', '4s'));
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  await rig.embedded.stack.prometheus.kill();
  expect(await release.says(/^Held at/)).toMatch(
    /^Held at 25 %: answers: no data, unreachable: .*waited .* of 1m.*, since .*goes on when there is evidence, or rolls back at/,
  );
  await rig.embedded.stack.prometheus.start();
  expect((await release.report(90_000)).ending).toBe('Promoted');
}, 100_000);

test('holds a good canary while Prometheus hangs, and goes on when it answers', async () => {
  relay.freeze();
  const release = await rig.start('2.1.0', at25({ answers }, '60s'));
  expect(await release.says(/^Held at/)).toMatch(/^Held at 25 %: answers: no data, unreachable/);
  relay.thaw();
  expect((await release.report()).ending).toBe('Promoted');
});

test('names the series that do not exist, holds, and rolls back at the deadline', async () => {
  const ghost = { ...answers, total: 'no_such_requests_total{slot="$slot"}' };
  const release = await rig.start('2.1.0', at25({ ghost }, '3s'));
  expect(await release.says(/^Held at/)).toMatch(/^Held at 25 %: ghost: .*no_such_requests_total/);
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { metric: 'ghost' } });
  expect(report.failure?.reason).toContain('no_such_requests_total');
  expect(report.proof?.isRestored).toBe(true);
});

test('rolls back at the deadline when Prometheus never comes back, and says what the proof could not show', async () => {
  const release = await rig.start('2.1.0', at25({ answers }, '3s', '10m'));
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  await rig.embedded.stack.prometheus.kill();
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { metric: 'answers' } });
  expectNotShown(report, /prometheus does not answer/);
  expect(rig.load.snapshot().failed).toBe(0);
});

test('rolls a bad canary back while Prometheus accepts and never answers', async () => {
  const errors = { source: 'proxy', max: 'baseline + 0.5%' };
  const release = await rig.start('3.0.0', { ...at25({ errors, answers }, '60s'), ...longAt25 });
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  relay.freeze();
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'GuardrailBroken', metric: 'errors' } });
  expectNotShown(report, /prometheus does not answer/);
});
