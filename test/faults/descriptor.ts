import { shopBundle, type Fields } from '../support/shop-descriptor';
import type { FaultCase } from './cases';
import type { Lane } from './lane';

export const gateTimeoutMs = 1_200;

/** Long enough for something to die between two steps. */
const drain: Fields = { onAbort: 'drain', drain: { every: '150ms', sessions: '300ms' } };

/** A metric that only Prometheus can tell, for the cases in which it dies. */
const fromPrometheus = (backend: string): Fields => ({
  'http-errors': { source: 'proxy', max: 'baseline + 0.5%' },
  'scraped-errors': {
    source: 'prometheus',
    bad: `haproxy_server_http_responses_total{proxy="${backend}",server="$slot",code="5xx"}`,
    total: `haproxy_server_http_responses_total{proxy="${backend}",server="$slot"}`,
    max: 'baseline + 5%',
  },
});

const descriptorOf = (lane: Lane, fault: FaultCase, version: string): Fields => ({
  apiVersion: 'spillway/v1',
  service: lane.service,
  version,
  environment: lane.name,
  hypothesis: { change: 'Names are stored in two parts.', keep: 'Orders go through.' },
  owners: { lead: 'Ada' },
  stages: [
    { canaryPercent: 20, bakeTime: '300ms', minRequests: 3 },
    { canaryPercent: 50, bakeTime: '300ms', minRequests: 5 },
  ],
  fullExposure: {
    holdbackPercent: 1,
    rollbackWindow: fault.ending === 'aborted-full' ? '10m' : '400ms',
    minRequests: 5,
    gate: 'full',
  },
  gates: { full: fault.ending === 'expired' ? { timeout: `${gateTimeoutMs}ms` } : {} },
  migrations: lane.world.migrations,
  invariants: [{ id: 'no-debt', query: 'invariant.sql' }],
  configuration: [{ set: { limit: 2 } }],
  flags: [
    { flag: 'two-names', value: true },
    { flag: 'stop-checkout', value: false, killSwitch: true },
  ],
  rollback: { backInBand: '300ms', ...(fault.ending === 'drained' ? drain : {}) },
  contract: { quiet: '0s', renamed: '0s' },
  notify: [{ to: 'hook' }],
  ...(fault.part === 'prometheus' ? { metrics: fromPrometheus(lane.backend) } : {}),
});

/** The release of one case: every kind of effect, short times. */
export const bundleOf = (lane: Lane, fault: FaultCase, version: string) =>
  shopBundle(descriptorOf(lane, fault, version), lane.world.files);
