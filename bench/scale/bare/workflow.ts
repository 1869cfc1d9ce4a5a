import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { messageNames, type StartRequest, type WatchNotice } from '../../../src/core/release/messages';
import type { ExposeStage } from '../../../src/core/plan/stages';
import { attributes } from '../../../src/workflows/attributes';
import { lockOf } from '../../../src/workflows/lock';
import { connectActivities } from '../../../src/workflows/retries';

/**
 * The floor that releases are compared with: the activities of a good release, called one after the other by a workflow
 * that keeps no journal, writes no evidence, hears nobody and could not turn back.
 */
export async function bare({ request }: { readonly request: StartRequest }): Promise<string> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const activities = connectActivities(lockOf(workflowId).environment);
  let news: WatchNotice | undefined;
  setHandler(defineSignal<[WatchNotice]>(messageNames.watched), (notice) => void (news = notice));

  const compiled = await activities.planning.compileRelease({ request, workflowId, firstRunId });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.refusals));
  const { sealed } = compiled;
  const found = await activities.effects.preflight({ sealed, requestedBy: 'nobody' });
  if (!found.ok) throw new Error(JSON.stringify(found.refusals));
  const permit = { seal: sealed.seal, roles: found.snapshot.roles, rolesMac: found.rolesMac };
  const { plan } = sealed;
  const { service } = plan;
  const effectOf = (key: string) => {
    const one = sealed.effects.find(({ effect }) => effect.key === `${key}/${service}`);
    if (one === undefined) throw new Error(`no effect ${key}`);
    return one;
  };
  const [deploy, expose] = [effectOf('deploy'), effectOf('expose')];
  await activities.effects.deployCanary({ permit, sealed: deploy, service });
  await activities.effects.checkCanary({ permit, deploy, expose, checks: plan.checks });

  const stages = plan.stages.filter((stage): stage is ExposeStage => stage.kind === 'expose');
  const watch = new CancellationScope({ cancellable: true });
  const watching = watch
    .run(() =>
      activities.observe.observe({
        permit,
        sealed: expose,
        watchId: uuid4(),
        stages,
        stageIndex: 0,
        metrics: plan.metrics,
        noData: plan.noData,
      }),
    )
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  for (const stage of stages) {
    // The watch follows no weight whose stage has not begun.
    upsertSearchAttributes([{ key: attributes.stage, value: stage.id }]);
    const input = { permit, sealed: expose, canaryPercent: stage.canaryPercent };
    await activities.effects.exposeCanary(input);
    await condition(() => news?.kind === 'class' && news.stageId === stage.id && news.class === 'advance');
  }
  await activities.effects.promoteCanary({ permit, sealed: expose });
  const role = { baseline: permit.roles.canary, version: plan.version, release: firstRunId };
  await activities.notices.recordRole({ permit, service, role });
  await activities.effects.retireBaseline({ permit, sealed: deploy, service });
  watch.cancel();
  await watching;
  return 'Promoted';
}
