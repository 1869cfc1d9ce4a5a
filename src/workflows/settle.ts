import { condition, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { SettleStep } from '../core/release/events';
import { contractWorkflowId } from '../core/release/messages';
import type { ContractInput } from './contract';
import { placeOf } from './attributes';
import { causeOf, isActivityFault } from './faults';
import type { Parts } from './parts';
import type { Run } from './run';

/** After promotion the old version gives its capacity back; that it cannot is told, and turns nothing back. */
async function retire(run: Run): Promise<string> {
  const { service } = run.sealed().plan;
  const input = { permit: run.permit(), sealed: run.sealedEffect(`deploy/${service}`), service };
  try {
    return await run.activities.effects.retireBaseline.executeWithOptions({ summary: 'stop the old version' }, [input]);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    const text = `The old version of ${service} is out of service but still runs: ${causeOf(error).message}`;
    run.notify('incomplete', 'retire', text);
    return text;
  }
}

/** Patiently: the store may be away for days, and the roles must not be lost. */
async function recordRole(run: Run): Promise<string> {
  const { plan, seal } = run.sealed();
  const { service, version } = plan;
  const role = { baseline: run.permit().roles.canary, version, release: seal.firstRunId };
  const isNow = `${role.baseline} is the baseline now`;
  const options = { summary: isNow };
  const input = { permit: run.permit(), service, role };
  try {
    await run.whileWaiting(() => run.activities.notices.recordRole.executeWithOptions(options, [input]));
    return isNow;
  } catch (refused) {
    if (!isActivityFault(refused)) throw refused;
    const text = `The store did not take that ${isNow}: ${causeOf(refused).message}`;
    run.notify('incomplete', 'role', text);
    return text;
  }
}

/** Contract waits for its own approval in a workflow of its own. */
async function startContract(run: Run): Promise<string> {
  const { plan, seal } = run.sealed();
  const { service, environment, version } = plan;
  const input: ContractInput = { sealed: run.sealed(), permit: run.permit(), requestedBy: run.state().requestedBy };
  const workflowId = contractWorkflowId(environment, service, seal.firstRunId);
  await startChild('contract', {
    args: [input],
    workflowId,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `contract of ${service} ${version}`,
    memo: { planDigest: seal.planDigest, owners: plan.owners, version },
    typedSearchAttributes: placeOf(service, environment),
  });
  return `${workflowId} waits for its approval`;
}

/** After promotion: roles are recorded, the old version stops, and contract waits. A new run goes on behind the last step done. */
export async function settle(parts: Parts): Promise<void> {
  const { run, watch } = parts;
  // Nobody is exposed any more, and the store may be away for days.
  void condition(() => run.state().storeAway !== undefined).then(() => watch.stop());
  const hasContract = run.sealed().plan.contract.length > 0;
  const steps: readonly (readonly [SettleStep, () => Promise<string>])[] = [
    ['role', () => recordRole(run)],
    ['retire', () => retire(run)],
    ...(hasContract ? [['contract', () => startContract(run)] as const] : []),
  ];
  for (const [step, work] of steps) {
    if (run.state().settled.includes(step)) continue;
    const detail = await work();
    run.record({ type: 'settled', step, detail });
  }
}
