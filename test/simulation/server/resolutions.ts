import type { Task } from './activity';
import { failureOf, type Outcome } from './failures';
import { job, payloadOf, type Fields, type Job } from './workflow-instance';

type Resolved = { readonly task: Task; readonly outcome: Outcome };

const resolutions = new WeakMap<Job, Resolved>();

function resultOf(type: string, outcome: Outcome): Fields {
  if (outcome.kind === 'completed')
    return { completed: outcome.value === undefined ? {} : { result: payloadOf(outcome.value) } };
  const failure = failureOf(type, outcome);
  return outcome.kind === 'cancelled' ? { cancelled: { failure } } : { failed: { failure } };
}

/** What became of an activity, as its workflow is told. */
export function resolution(task: Task, outcome: Outcome): Job {
  const { seq, type } = task;
  const made = job('resolveActivity', { seq, result: resultOf(type, outcome) });
  resolutions.set(made, { task, outcome });
  return made;
}

/** For an activity that was cancelled in the task that asked for it: the server never heard of it. */
export const neverScheduled = (seq: number, type: string): Job =>
  job('resolveActivity', { seq, result: resultOf(type, { kind: 'cancelled' }) });

export const resolvedBy = (item: Job): Resolved | undefined => resolutions.get(item);
