import type { Hooks } from './server/setting';

export type HooksOfWorkflow = Omit<Hooks, 'note'>;

/** What the server tells is noted, and goes on to whoever follows that workflow. */
export function createNotedHooks(
  note: Hooks['note'],
  followers: { readonly [workflowId: string]: HooksOfWorkflow | undefined },
): Hooks {
  return {
    note,
    afterTask: (run) => followers[run.workflowId]?.afterTask(run),
    onScheduled(task) {
      note('scheduled', `${task.type} ${task.seq}`);
      followers[task.workflowId]?.onScheduled(task);
    },
    onDelivered(task, outcome) {
      note('delivered', `${task.type} ${task.seq} ${outcome.kind}`);
      followers[task.workflowId]?.onDelivered(task, outcome);
    },
    onHeard(run, name, payload) {
      note('heard', `${name} ${JSON.stringify(payload)?.slice(0, 120)}`);
      followers[run.workflowId]?.onHeard(run, name, payload);
    },
    onMessage: (run, name, payload) => followers[run.workflowId]?.onMessage(run, name, payload),
    onClosed(run, closing) {
      note('closed', `${run.workflowId} ${JSON.stringify(closing).slice(0, 200)}`);
      followers[run.workflowId]?.onClosed(run, closing);
    },
  };
}
