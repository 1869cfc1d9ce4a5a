import type { SignalDefinition } from '@temporalio/common';
import { setHandler, workflowInfo } from '@temporalio/workflow';

type Receive = (args: readonly unknown[]) => void;

// By run, whether or not modules are shared by the workflows of a thread.
const doors = new Map<string, Map<string, Receive>>();

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
  const { runId } = workflowInfo();
  const door = doors.get(runId) ?? new Map<string, Receive>();
  doors.set(
    runId,
    door.set(signal.name, (args) => void Reflect.apply(handle, undefined, args)),
  );
}

/** Hands a signal over; false when its workflow does not listen yet. */
export function deliver(runId: string, name: string, args: readonly unknown[]): boolean {
  const receive = doors.get(runId)?.get(name);
  if (receive === undefined) return false;
  receive(args);
  return true;
}

export const closeDoor = (runId: string): void => void doors.delete(runId);
