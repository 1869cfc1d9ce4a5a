import type { Attempt, Task } from '../server/activity';
import { fail, type Story } from './story';

/** Effects by the activity that makes them; its input names the effect. */
const forward = new Set([
  'migrate',
  'backfill',
  'configure',
  'setFlag',
  'issueLogin',
  'deployCanary',
  'checkCanary',
  'exposeCanary',
  'promoteCanary',
]);
const undoing = new Set([
  'closeTraffic',
  'drainTraffic',
  'stopCanary',
  'restoreConfiguration',
  'restoreFlag',
  'withdrawLogin',
  'undoMigration',
]);

// Migrations have a ledger of their own, which a late one cannot pass.
const ledgered = ['migrate', 'backfill'];
const asks = ({ type }: Task): boolean => type === 'retireBaseline' || (forward.has(type) && !ledgered.includes(type));

/** What goes forward asks the server right before it writes; the frozen moment after that is all that nobody can close. */
export function checkLate(story: Story, { task }: Attempt, wasAsked: boolean): void {
  if (asks(task) && !wasAsked) fail(story, `${task.type} wrote late and had not asked whether it may`);
}

export const undoes = ({ type }: Task): boolean => undoing.has(type);

export function keyOf(task: Task): string {
  const input = task.input as {
    readonly sealed?: { readonly effect?: { readonly key: string } };
    readonly expose?: { readonly effect: { readonly key: string } };
  };
  return input.sealed?.effect?.key ?? input.expose?.effect.key ?? '';
}

/** Nothing goes forward while the release is paused or on its way back, and only what is in the plan is undone. */
export function checkScheduled(story: Story, task: Task): void {
  const { plan, intended, turnedAtMs, isPaused } = story;
  const key = keyOf(task);
  if (forward.has(task.type)) {
    intended.add(key);
    if (turnedAtMs !== undefined) fail(story, `${task.type} ${key} was scheduled after the release turned back`);
    if (isPaused) fail(story, `${task.type} ${key} was scheduled while the release was paused`);
  }
  if (task.type === 'restoreSplit' && turnedAtMs !== undefined) fail(story, 'a repair was scheduled on the way back');
  if (!undoes(task)) return;
  if (!intended.has(key) && key !== `expose/${plan.service}` && !plan.effects.some((effect) => effect.key === key))
    fail(story, `${task.type} undoes ${key}, which is not in the plan`);
}
