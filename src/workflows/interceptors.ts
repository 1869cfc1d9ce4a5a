import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { workflowInfo, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { messageNames } from '../core/release/messages';
import { closeDoor, deliver, wakeWaiting } from './signal-door';

/** No message of ours comes near it. What is longer is not even decoded: that takes a workflow a second for some megabytes. */
const mostBytes = { watched: 100_000, other: 20_000 } as const;

const known: ReadonlySet<string> = new Set(Object.values(messageNames));

type Signal = { readonly name: string; readonly args: readonly unknown[] };

const encodings: ReadonlySet<string> = new Set(['json/plain', 'binary/null', 'binary/plain']);
const encodingOf = ({ metadata }: Payload): string =>
  String.fromCharCode(...(metadata?.['encoding'] ?? []).slice(0, 40));

/** The signal as its handler gets it, or what stands for one that cannot be handed over. Cheap looks first. */
function read(name: string, payloads: readonly Payload[]): Signal {
  const refuse = (why: string): Signal =>
    // Whoever asks for an abort gets it, whatever else was sent along.
    name === messageNames.abort ? { name, args: [] } : { name: 'unreadable', args: [name.slice(0, 80), why] };
  if (!known.has(name)) return refuse('there is no such signal');
  const most = name === messageNames.watched ? mostBytes.watched : mostBytes.other;
  const bytes = payloads.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (bytes > most) return refuse(`it has ${bytes} bytes, and ${most} are allowed`);
  const encoding = payloads.map(encodingOf).find((each) => !encodings.has(each));
  if (encoding !== undefined) return refuse(`its payload is ${encoding}`);
  try {
    return { name, args: payloads.map((payload) => defaultPayloadConverter.fromPayload(payload)) };
  } catch {
    return refuse('its payload cannot be read');
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
        const runId = input.activation.runId ?? '';
        const jobs = input.activation.jobs ?? [];
        const left = jobs.filter(({ signalWorkflow: signal }) => {
          if (signal === null || signal === undefined) return true;
          const { name, args } = read(signal.signalName ?? '', signal.input ?? []);
          if (deliver(runId, name, args)) return false;
          signal.signalName = name;
          signal.input = args.map((arg) => defaultPayloadConverter.toPayload(arg));
          return true;
        });
        input.activation.jobs = left;
        if (left.length < jobs.length) wakeWaiting(runId);
        next(input);
      },
      dispose(input, next) {
        closeDoor(workflowInfo().runId);
        next(input);
      },
    },
  ],
});
