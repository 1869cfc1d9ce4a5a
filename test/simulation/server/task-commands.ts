import type { Pending } from './pending';
import { neverScheduled, resolution } from './resolutions';
import type { OpenTask } from './run-record';
import type { Command, Fields } from './workflow-instance';

/** What the server does not need to hear: it was neither scheduled nor is it waited for. Returns whether the command is left. */
function cancelAtOnce(task: OpenTask, seq: number, pending: Pending): boolean {
  const unsent = task.commands.findIndex((other) => other['scheduleActivity']?.['seq'] === seq);
  const scheduled = task.commands[unsent]?.['scheduleActivity'];
  if (scheduled !== undefined) {
    task.commands.splice(unsent, 1);
    task.resolutions.push(neverScheduled(seq, String(scheduled['activityType'])));
    return false;
  }
  const left = pending.leftBehind(seq);
  if (left !== undefined) {
    task.resolvedAtOnce.add(seq);
    task.resolutions.push(resolution(left, { kind: 'cancelled' }));
  }
  return true;
}

const seqOf = (fields: Fields): number => Number(fields['seq']);

/** What needs no server happens within the task; the rest waits until it is completed. */
export function takeCommand(task: OpenTask, command: Command, pending: Pending): void {
  const { requestCancelActivity } = command;
  if (requestCancelActivity !== undefined && !cancelAtOnce(task, seqOf(requestCancelActivity), pending)) return;
  task.commands.push(command);
}
