import { sealPlan } from '../../../src/core/evidence/seal';
import { describePlan } from '../../../src/core/plan/describe';
import { planDigest } from '../../../src/core/plan/digest';
import { everything, planOf } from './shop-sources';

const plan = planOf({ descriptor: { ...everything, owners: { lead: 'Ada', rollbackCaptain: 'Dee' } } });
const text = describePlan(plan);

it.each([
  'shop 2.0.0 → staging',
  `Plan ${planDigest(plan)}`,
  'Should change: Names are stored in two parts.',
  'Owners: lead Ada, rollback captain Dee',
  'bakes 10m, at least 200 requests of each version',
  'rollback window 30m',
  'go: 2 approvals from leads (ada, bob); waits 4h, reminds every 30m, then rolls back',
  'contract: 1 approval from anyone; waits 14d, reminds every 1d, then contract does not run',
  'http-errors (guardrail): share of bad answers at the proxy at most 0.3 points above the baseline',
  'at most 1.2 times the baseline',
  'share slower than 250ms in latency_bucket{slot="$slot"} at most 2 %',
  'queue (observed only): max(queue{slot="$slot"}) at most 40',
  'orders (guardrail): orders{slot="$slot"} at most 5 above the baseline\'s and at least 0.9 times the baseline\'s',
  '002 expand at orders: 002.sql; undo 002.undo.sql; check 002.check.sql',
  '002 contract at orders: 002.contract.sql; not undone: The old column is not read any more.',
  'limits: timeoutMs = 800, retries = 2',
  'switches: flag stop-checkout = false (kill switch)',
  "2. Bring the canary's traffic at edge to zero",
  'Holds for at most 10m, then rolls back.',
  'A broken guardrail, missing data or a failed effect: at once (emergency)',
  'an expired pause: at once (emergency)',
  'A drain halves the share every 10s',
  'Rolled back once guardrails are back in band for 5s',
  'migrate/003/expand has no check of its own.',
])('says %s', (words) => {
  expect(text.replaceAll(/\n +/g, ' ')).toContain(words);
});

it('keeps to 100 columns however long a text is', () => {
  const change = `${'word '.repeat(99)}`;
  const long = planOf({
    descriptor: { ...everything, version: 'v'.repeat(100), hypothesis: { change, keep: 'k'.repeat(500) } },
  });
  for (const shown of [text, describePlan(long)]) {
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  }
});

it('leaves out sections without content', () => {
  const short = describePlan(planOf());
  for (const title of ['Migrations', 'Gates', 'Configuration and flags', 'Notifications']) {
    expect(short).not.toContain(title);
  }
});

it('passes no control characters on to the terminal', () => {
  const hypothesis = { change: 'fine\u001b[2J\u202egood', keep: 'a\nb' };
  expect(describePlan(planOf({ descriptor: { hypothesis } }))).not.toMatch(/[\u001b\u202e]/);
});

it('reads the same sealed and unsealed', () => {
  const binding = { environment: 'staging', workflowId: 'w', firstRunId: 'r' };
  expect(describePlan(sealPlan(new Uint8Array(32), plan, binding))).toBe(text);
});
