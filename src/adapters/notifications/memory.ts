import type { Notification } from '../../core/release/notification';
import type { NotificationsPort } from '../../ports/notifications';
import type { PortError } from '../../ports/errors';

/** A sink in memory that de-duplicates by id, as receivers do. */
export type MemoryNotifications = NotificationsPort & {
  /** Every accepted send, repeated ones too. */
  readonly sent: readonly Notification[];
  /** Each id once, in the order of its first arrival. */
  readonly ids: () => readonly string[];
  /** Every send throws the error until it is set to undefined. */
  setFailure(error: PortError | undefined): void;
};

/** An empty sink. */
export function createMemoryNotifications(): MemoryNotifications {
  const sent: Notification[] = [];
  let failure: PortError | undefined;
  return {
    send: async (notification) => {
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      sent.push(notification);
    },
    sent,
    ids: () => [...new Set(sent.map(({ id }) => id))],
    setFailure: (error) => {
      failure = error;
    },
  };
}
