import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ports } from '../../src/activities/ports';
import { createStoreActivities, type PublishInput } from '../../src/activities/store';
import { sealPlan } from '../../src/core/evidence/seal';
import type { Seal } from '../../src/core/plan/plan';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';
import { releaseRow } from '../support/publication';

const world = createMemoryWorld('staging');
afterAll(() => world.close());

const ids = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };
const { seal, mac } = sealPlan(world.ports.sealKey, { ...sample.plan, ...ids }, ids);
const followed = 'staging/shop/first';

const publicationOf = (release: string, change: { readonly service?: string; readonly planDigest?: string } = {}) => ({
  row: releaseRow(release, { environment: 'staging', planDigest: seal.planDigest, ...change }),
  evidence: [],
  notifications: [],
});

const publishAs = (workflowId: string, input: PublishInput): Promise<unknown> =>
  new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'first' } }).run(
    createStoreActivities(world.ports as Ports).publish,
    input,
  );

test.each([
  ['a release of itself', ids.workflowId, 'first'],
  ['a contract of itself', `contract/${followed}`, 'first/contract'],
  ['a guard of itself', `reconcile/${followed}`, 'first/reconcile'],
])('%s may tell the store', async (_, workflowId, row) => {
  await publishAs(workflowId, { author: { seal, mac }, publication: publicationOf(row) });
  expect(await world.store.row(row)).toMatchObject({ release: row });
});

const otherSeal: Seal = { ...seal, firstRunId: 'second' };

test.each<readonly [string, string, PublishInput]>([
  ['a stranger', 'another', { author: { seal, mac }, publication: publicationOf('first') }],
  ['a release of another', ids.workflowId, { author: { seal, mac }, publication: publicationOf('second') }],
  ['a contract of its release', `contract/${followed}`, { author: { seal, mac }, publication: publicationOf('first') }],
  [
    'a release of another service',
    ids.workflowId,
    { author: { seal, mac }, publication: publicationOf('first', { service: 'till' }) },
  ],
  [
    'a release of another plan',
    ids.workflowId,
    { author: { seal, mac }, publication: publicationOf('first', { planDigest: 'sha256:1' }) },
  ],
  [
    'one with a seal of its own',
    ids.workflowId,
    { author: { seal: otherSeal, mac }, publication: publicationOf('second') },
  ],
])('%s may tell the store nothing', async (_, workflowId, input) => {
  const before = await world.store.row(input.publication.row.release);
  await expect(publishAs(workflowId, input)).rejects.toMatchObject({ type: 'SealBroken' });
  expect(await world.store.row(input.publication.row.release)).toEqual(before);
});
