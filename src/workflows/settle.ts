import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { RecordRoleInput } from '../activities/store';
import { contractWorkflowId } from '../core/release/messages';
import type { ContractInput } from './contract';
import { placeOf } from './attributes';
import { causeOf, isActivityFault } from './faults';
import type { Parts } from './parts';
import type { Run } from './run';

/** After promotion the old version gives its capacity back; that it cannot is told, and turns nothing back. */
async function retire({ run }: Parts): Promise<void> {
  const { service } = run.sealed().plan;
  const input = { permit: run.permit(), sealed: run.sealedEffect(`deploy/${service}`), service };
  try {
    await run.activities.effects.retireBaseline.executeWithOptions({ summary: 'stop the old version' }, [input]);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    run.notify(
      'incomplete',
      'retire',
      `The old version of ${service} is out of service but still runs: ${causeOf(error).message}`,
    );
  }
}

/** At once where the store answers; else patiently, for the roles must not be lost. */
async function recordRole(run: Run, role: RecordRoleInput['role']): Promise<void> {
  const { service } = run.sealed().plan;
  const options = { summary: `${role.baseline} is the baseline now` };
  try {
    await run.activities.quick.recordRole.executeWithOptions(options, [{ service, role }]);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    await run.activities.notices.recordRole
      .executeWithOptions(options, [{ service, role }])
      .catch((refused: unknown) => {
        if (!isActivityFault(refused)) throw refused;
        run.notify(
          'incomplete',
          'role',
          `The store did not take that ${role.baseline} is the baseline now: ${causeOf(refused).message}`,
        );
      });
  }
}

/** After promotion: roles are recorded, the old version stops, and contract waits in a workflow of its own. */
export async function settle(parts: Parts): Promise<void> {
  const { run } = parts;
  const { plan, seal } = run.sealed();
  const permit = run.permit();
  const { service, environment, version } = plan;
  const role = { baseline: permit.roles.canary, version, release: seal.firstRunId };
  await recordRole(run, role);
  await retire(parts);
  if (plan.contract.length === 0) return;
  const input: ContractInput = { sealed: run.sealed(), permit, requestedBy: run.state().requestedBy };
  await startChild('contract', {
    args: [input],
    workflowId: contractWorkflowId(environment, service, seal.firstRunId),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `contract of ${service} ${version}`,
    memo: { planDigest: seal.planDigest, owners: plan.owners, version },
    typedSearchAttributes: placeOf(service, environment),
  });
}
