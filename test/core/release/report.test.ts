import { reportOf } from '../../../src/core/release/report';
import { renderDetails } from '../../../src/core/release/details';
import { newRelease } from '../../../src/core/release/state';
import { after, broken, exposed, failed, ready, startMs } from './sample';

it('reports a rollback: reason, each undo with its time, proof', () => {
  const report = reportOf(
    after([
      ...exposed,
      failed,
      { type: 'compensation-verified', effect: 'expose/shop', detail: 'closed' },
      { type: 'compensation-waived', effect: 'deploy/shop', id: 'm', by: 'ada', why: 'gone' },
      { type: 'proof-taken', proof: broken },
      { type: 'ended', ending: 'RolledBack' },
    ]),
  );
  expect(report).toMatchObject({
    service: 'shop',
    version: '2.0.0',
    environment: 'staging',
    ending: 'RolledBack',
    planDigest: 'sha256:abc',
    tookMs: 11_000,
    failure: { code: 'GuardrailBroken', stage: 'expose-5', metric: 'http-errors' },
    proof: { isRestored: false },
  });
  expect(report.undone).toEqual([
    { effect: 'expose/shop', status: 'verified', afterMs: 1_000, detail: 'closed' },
    { effect: 'deploy/shop', status: 'waived', afterMs: 2_000, detail: 'waived by ada: gone' },
  ]);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it('reports a refusal without a plan', () => {
  const refusal = { code: 'policy-floor', kind: 'denied', message: 'Bake longer', fix: 'Do' } as const;
  const state = after([
    { type: 'refused', refusals: [refusal] },
    { type: 'ended', ending: 'Refused' },
  ]);
  expect(reportOf(state)).toMatchObject({ ending: 'Refused', planDigest: null, failure: null, refusals: [refusal] });
});

it('renders the story in Markdown: sentence, stages, rollback, proof, and what one can do', () => {
  const running = renderDetails(after(exposed));
  expect(running).toMatch(/^\*\*Exposed at 5 %/);
  expect(running).toMatch(/\| ◐ \| expose-5 \|/);
  expect(running).toMatch(/spillway abort shop/);
  const back = renderDetails(after([...exposed, failed, { type: 'proof-taken', proof: broken }]));
  expect(back).toMatch(/\| expose\/shop \| pending \|/);
  expect(back).toMatch(/Proof: not restored/);
  expect(renderDetails(newRelease('cem', startMs))).toMatch(/^\*\*Preparing/);
});

it('keeps the details within what Temporal takes, whatever is written in them', () => {
  const lines = Array.from({ length: 500 }, (_none, index) => ({
    object: `schéma | ${index} ${'漢'.repeat(50)}`,
    expected: 'a\nb',
    observed: '✖',
    isEqual: false,
  }));
  const text = renderDetails(after([...ready, failed, { type: 'proof-taken', proof: { ...broken, lines } }]));
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
});
