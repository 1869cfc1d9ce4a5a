import type { NotificationsPort } from '../ports/notifications';
import type { OutboxItem, StorePort } from '../ports/store';
import { deliver, type Delivery } from './deliver';
import { createLanes } from './lanes';
import { isGivenUp, retryDelayMs } from './retry-delay';

type LogLine = (fields: { readonly [name: string]: unknown }, message: string) => void;

export type OutboxDispatcherOptions = {
  readonly store: Pick<StorePort, 'takeOutbox' | 'settleOutbox'>;
  readonly sinks: { readonly [name: string]: NotificationsPort };
  /** How often due items are looked for. */
  readonly intervalMs: number;
  /** A pino logger will do. */
  readonly log: { readonly info: LogLine; readonly warn: LogLine; readonly error: LogLine };
  /** How long one attempt may take; 15 seconds when it is left out. */
  readonly sendTimeoutMs?: number | undefined;
};

const takenAtOnce = 100;
const leaseMs = 60_000;
const attemptsAtOnceASink = 4;
const waitingASink = 100;

/**
 * Delivers what releases put in the outbox, at least once, until each item is taken by its sink. Nothing is lost: an item
 * that is not settled comes back when its lease runs out. A store that is down is waited for.
 * @returns `stop`, which begins nothing new and resolves when the attempts under way have ended.
 */
export function startOutboxDispatcher(options: OutboxDispatcherOptions): { readonly stop: () => Promise<void> } {
  const { store, intervalMs, log } = options;
  const lanes = createLanes({ width: attemptsAtOnceASink, longest: waitingASink });
  const stopping = new AbortController();

  const takeDue = async (): Promise<void> => {
    let taken: readonly OutboxItem[];
    do {
      taken = await store.takeOutbox(takenAtOnce, leaseMs);
      if (stopping.signal.aborted) return;
      // A full lane lets go of the item: it comes back by itself when its lease has run out.
      for (const item of taken) lanes.offer(item.sink, { key: item.id, run: () => attempt(item, options) });
    } while (taken.length === takenAtOnce);
  };
  const loop = async (): Promise<void> => {
    let isStoreDown = false;
    while (!stopping.signal.aborted) {
      try {
        await takeDue();
        if (isStoreDown) log.info({}, 'outbox: the store answers again');
        isStoreDown = false;
      } catch (error) {
        // Told once: a store that is down for an hour is one fact.
        if (!isStoreDown) log.error({ error: textOf(error) }, 'outbox: the store does not answer; waiting for it');
        isStoreDown = true;
      }
      await pause(intervalMs, stopping.signal);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort();
      await looping;
      await lanes.drain();
    },
  };
}

async function attempt(item: OutboxItem, options: OutboxDispatcherOptions): Promise<void> {
  const { store, sinks, log, sendTimeoutMs: timeoutMs = 15_000 } = options;
  const { id, sink: name, attempts } = item;
  const sink = Object.hasOwn(sinks, name) ? sinks[name] : undefined;
  const delivery = await deliver(item, { sink, timeoutMs });
  try {
    await store.settleOutbox(id, outcomeOf(delivery, attempts));
  } catch (error) {
    const fields = { id, sink: name, delivered: delivery.delivered, error: textOf(error) };
    log.warn(fields, 'outbox: the store did not note the outcome; the item is sent again under the same id');
  }
  if (delivery.delivered) return;
  const { fault, error } = delivery;
  const fields = { id, sink: name, attempts: attempts + 1, error, retryInMs: retryDelayMs(fault, attempts) };
  if (isGivenUp(fault, attempts)) log.error(fields, 'outbox: the sink keeps refusing this item; mend the sink');
  else log.warn(fields, 'outbox: not delivered; it will be tried again');
}

function outcomeOf(delivery: Delivery, attempts: number): Parameters<StorePort['settleOutbox']>[1] {
  if (delivery.delivered) return delivery;
  const { fault, error } = delivery;
  return { delivered: false, error, retryInMs: retryDelayMs(fault, attempts) };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
