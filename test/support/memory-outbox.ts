import { PortError } from '../../src/ports/errors';
import type { OutboxItem, StorePort } from '../../src/ports/store';
import { notification } from './notification';

type Kept = OutboxItem & { readonly isDue: boolean; readonly isTaken: boolean };

/** The outbox part of a store, with the clock in the hands of the test. */
export function memoryOutbox() {
  const items = new Map<string, Kept>();
  const retries = new Map<string, number[]>();
  let isDown = false;
  let takes = 0;
  let settlesToFail = 0;
  const answer = async () => {
    await Promise.resolve();
    if (isDown) throw new PortError('TargetUnavailable', 'the database does not answer');
  };
  const port: Pick<StorePort, 'takeOutbox' | 'settleOutbox'> = {
    takeOutbox: async (limit) => {
      takes += 1;
      await answer();
      const due = [...items.values()].filter(({ isDue, isTaken }) => isDue && !isTaken).slice(0, limit);
      for (const item of due) items.set(item.id, { ...item, isTaken: true });
      return due;
    },
    settleOutbox: async (id, outcome) => {
      await answer();
      if (settlesToFail > 0) {
        settlesToFail -= 1;
        throw new PortError('TargetUnavailable', 'the database went away');
      }
      const item = items.get(id);
      if (item === undefined) return;
      if (outcome.delivered) items.delete(id);
      else {
        retries.set(id, [...(retries.get(id) ?? []), outcome.retryInMs]);
        items.set(id, { ...item, attempts: item.attempts + 1, isDue: false, isTaken: false });
      }
    },
  };
  const change = (id: string, changes: Partial<Kept>) => {
    const item = items.get(id);
    if (item !== undefined) items.set(id, { ...item, ...changes });
  };
  return {
    ...port,
    put: (sink: string, ...ids: readonly string[]) => {
      for (const id of ids) {
        items.set(id, { id, sink, notification: notification(id), attempts: 0, isDue: true, isTaken: false });
      }
    },
    open: () => [...items.keys()],
    retriesMs: (id: string): readonly number[] => retries.get(id) ?? [],
    makeDue: (id: string) => change(id, { isDue: true }),
    expireLeases: () => [...items.keys()].forEach((id) => change(id, { isTaken: false })),
    setDown: (value: boolean) => {
      isDown = value;
    },
    failSettles: (count: number) => {
      settlesToFail = count;
    },
    takes: () => takes,
  };
}
