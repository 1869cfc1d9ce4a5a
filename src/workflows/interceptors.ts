import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { messageNames } from '../core/release/messages';

/** No message of ours comes near it. What is longer is not even decoded: that takes a workflow a second for some megabytes. */
const mostBytes = { watched: 100_000, other: 20_000 } as const;

const known: ReadonlySet<string> = new Set(Object.values(messageNames));

/** Why a signal cannot be handed to its handler; undefined when it can. Cheap looks first. */
function faultOf(name: string, payloads: readonly Payload[]): string | undefined {
  if (!known.has(name)) return 'there is no such signal';
  const most = name === messageNames.watched ? mostBytes.watched : mostBytes.other;
  const bytes = payloads.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (bytes > most) return `it has ${bytes} bytes, and ${most} are allowed`;
  try {
    for (const payload of payloads) defaultPayloadConverter.fromPayload(payload);
    return undefined;
  } catch {
    return 'its payload cannot be read';
  }
}

/**
 * Looks at every signal before it is decoded. One that cannot be decoded would fail the workflow task again and again, and
 * with it everything that comes behind, an abort too; one with an unknown name would be kept for ever.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate(input, next) {
        for (const { signalWorkflow: signal } of input.activation.jobs ?? []) {
          if (signal === null || signal === undefined) continue;
          const name = signal.signalName ?? '';
          const fault = faultOf(name, signal.input ?? []);
          if (fault === undefined) continue;
          // Whoever asks for an abort gets it, whatever else was sent along.
          const isAbort = name === messageNames.abort;
          signal.signalName = isAbort ? name : 'unreadable';
          signal.input = isAbort
            ? []
            : [name.slice(0, 80), fault].map((text) => defaultPayloadConverter.toPayload(text));
        }
        next(input);
      },
    },
  ],
});
