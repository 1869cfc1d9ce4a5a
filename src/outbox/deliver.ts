import { formatDuration } from '../core/duration';
import { PortError } from '../ports/errors';
import type { NotificationsPort } from '../ports/notifications';
import type { OutboxItem } from '../ports/store';
import type { DeliveryFault } from './retry-delay';

export type Delivery =
  { readonly delivered: true } | { readonly delivered: false; readonly fault: DeliveryFault; readonly error: string };

/** One attempt at one item; every fault of the sink becomes a value, and a sink that never answers is one too. */
export async function deliver(
  item: OutboxItem,
  { sink, timeoutMs }: { readonly sink: NotificationsPort | undefined; readonly timeoutMs: number },
): Promise<Delivery> {
  if (sink === undefined) {
    const next = 'name it among the targets of the environment, or take it out of the descriptor';
    return { delivered: false, fault: 'unknown-sink', error: `sink ${item.sink} is not known to this worker; ${next}` };
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `sink ${item.sink} did not take it within ${formatDuration(timeoutMs)}`;
    timer = setTimeout(() => reject(new PortError('TargetUnavailable', why)), timeoutMs);
  });
  try {
    await Promise.race([sink.send(item.notification), late]);
    return { delivered: true };
  } catch (error) {
    const isRejected = error instanceof PortError && error.code === 'Rejected';
    const text = error instanceof Error ? error.message : String(error);
    return { delivered: false, fault: isRejected ? 'rejected' : 'unavailable', error: text };
  } finally {
    clearTimeout(timer);
  }
}
