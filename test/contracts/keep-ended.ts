import type { Setting } from '../../src/core/combinations/setting';
import { sealPlan } from '../../src/core/evidence/seal';
import type { ReleaseRow } from '../../src/core/evidence/publication';
import type { StorePort } from '../../src/ports/store';
import { planOf } from '../core/plan/shop-sources';
import { snapshot } from '../core/release/sample';
import { releaseRow } from '../support/publication';

const sealKey = new TextEncoder().encode('a key for tests that is long enough, surely');

/** Keeps a release whose plan sets these together, and publishes how it stands; no settings: a plan of an older worker. */
export async function keepEnded(
  port: StorePort,
  release: string,
  settings: readonly Setting[] | undefined,
  change: Partial<ReleaseRow>,
): Promise<void> {
  const row = releaseRow(release, change);
  const combinations = { answer: 'show', met: 0, unexercised: { count: 0, shown: [] }, notKnown: [] } as const;
  const plan = { ...planOf(), ...(settings === undefined ? {} : { combinations: { ...combinations, settings } }) };
  const { service, environment, version } = row;
  await port.keep({
    release,
    service,
    environment,
    version,
    requestedBy: 'cem',
    sealed: sealPlan(sealKey, plan, {
      environment,
      workflowId: `release/${environment}/${service}`,
      firstRunId: release,
    }),
    snapshot,
    rolesMac: '0',
    attempt: 1,
    mac: '0',
  });
  await port.publish({ row, evidence: [], notifications: [] });
}
