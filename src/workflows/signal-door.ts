import type { SignalDefinition } from '@temporalio/common';
import { patched, setHandler, workflowInfo } from '@temporalio/workflow';
import { tryUnblockConditions } from '@temporalio/workflow/lib/worker-interface';

type Receive = (args: readonly unknown[]) => void;

type Door = {
  readonly receivers: Map<string, Receive>;
  /** False for a run that began before, whose history knows another order. */
  readonly wakesAtOnce: boolean;
};

// By run, whether or not modules are shared by the workflows of a thread.
const doors = new Map<string, Door>();

function openDoor(runId: string): Door {
  const door = doors.get(runId) ?? { receivers: new Map(), wakesAtOnce: patched('signals-wake-at-once') };
  doors.set(runId, door);
  return door;
}

/**
 * Handles a signal at once. The SDK makes several promises for each that it hands over, and keeps a stack trace for every
 * one: a millisecond a signal, so that a thousand of them hold a workflow task until the server fails it. Our handlers
 * wait for nothing, so they need none; the SDK's own way is left for what came before the first task.
 */
export function onSignal<Args extends unknown[]>(
  signal: SignalDefinition<Args>,
  handle: (...args: Args) => void,
): void {
  setHandler(signal, handle);
  const { receivers } = openDoor(workflowInfo().runId);
  receivers.set(signal.name, (args) => void Reflect.apply(handle, undefined, args));
}

/** Hands a signal over; false when its workflow does not listen yet. */
export function deliver(runId: string, name: string, args: readonly unknown[]): boolean {
  const receive = doors.get(runId)?.receivers.get(name);
  if (receive === undefined) return false;
  receive(args);
  return true;
}

/**
 * Wakes what waited for the signals, before anything else of the same task is told, as the SDK does. Left for later, a
 * refused update would do it, which no replay hears of: commands would come in another order than in the history.
 */
export function wakeWaiting(runId: string): void {
  if (doors.get(runId)?.wakesAtOnce === true) tryUnblockConditions();
}

export const closeDoor = (runId: string): void => void doors.delete(runId);
