import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createMigrationActivities } from '../../src/activities/migrations';
import type { Ports } from '../../src/activities/ports';
import { sealPlan, sealSlots } from '../../src/core/evidence/seal';
import { PortError } from '../../src/ports/errors';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';
import { migrateEffect } from '../support/migrate-effect';

const seal = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };

it('stops a tool that is at work when the release is aborted, and ends as cancelled', async () => {
  const world = createMemoryWorld('staging');
  try {
    const ports = world.ports as Ports;
    const effect = { ...migrateEffect('expand', 'select 1', 'select 1'), target: 'orders' };
    const sealed = sealPlan(ports.sealKey, { ...sample.plan, effects: [effect] }, seal);
    const roles = { baseline: 'blue', canary: 'green' } as const;
    const permit = { seal: sealed.seal, roles, rolesMac: sealSlots(ports.sealKey, sealed.seal, roles) };
    const [found] = sealed.effects;
    if (found === undefined) throw new Error('nothing to migrate');
    const environment = new MockActivityEnvironment({
      workflowExecution: { workflowId: seal.workflowId, runId: 'first' },
    });
    const database = {
      ...ports.database('orders'),
      apply: (_effect: unknown, _release: string, signal?: AbortSignal) =>
        new Promise<void>((_, reject) => {
          signal?.addEventListener('abort', () => reject(new PortError('TargetUnavailable', 'it was killed')));
          environment.cancel('CANCELLED');
        }),
    };
    const { migrate } = createMigrationActivities({ ...ports, database: () => database });
    await expect(environment.run(migrate, { permit, sealed: found })).rejects.toBeInstanceOf(CancelledFailure);
  } finally {
    world.close();
  }
});
