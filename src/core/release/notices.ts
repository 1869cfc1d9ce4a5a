import type { Publication } from '../evidence/publication';
import type { NotificationKind, Plan } from '../plan/plan';

/** Something people may want to hear; `id` names the fact, so that it is told once. */
export type PendingNotice = {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly text: string;
  readonly atMs: number;
};

/** One message for each sink that the plan tells of this kind. */
export const notificationsOf = (
  plan: Pick<Plan, 'service' | 'environment' | 'notify'>,
  workflowId: string,
  notices: readonly PendingNotice[],
): Publication['notifications'] =>
  notices.flatMap(({ id, kind, text, atMs }) =>
    plan.notify
      .filter(({ on }) => on.includes(kind))
      .map(({ to }) => ({
        sink: to,
        notification: {
          id: `${id}/${to}`,
          kind,
          release: workflowId,
          service: plan.service,
          environment: plan.environment,
          text,
          at: new Date(atMs).toISOString(),
        },
      })),
  );
