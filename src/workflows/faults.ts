import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/common';

export type Cause = { readonly code: string; readonly message: string; readonly detail?: unknown };

/** The fault behind a failed activity: its stable code, its message, and what it tells besides. */
export function causeOf(error: unknown): Cause {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return causeOf(error.cause);
  // A time-out keeps what the last attempt said: that tells more than the time-out.
  if (error instanceof TimeoutFailure && error.cause instanceof ApplicationFailure) return causeOf(error.cause);
  if (error instanceof ApplicationFailure)
    return { code: error.type ?? 'Unknown', message: error.message, detail: error.details?.[0] };
  if (error instanceof Error) return { code: error.name, message: error.message };
  return { code: 'Unknown', message: String(error) };
}

/** Whether an error came from an activity or a child; anything else is a bug and must fail the workflow task. */
export const isActivityFault = (error: unknown): boolean => error instanceof TemporalFailure;
