import type { Notification } from '../core/release/notification';

/** Tells one sink. Delivering the same id twice is allowed and harmless. */
export interface NotificationsPort {
  send(notification: Notification): Promise<void>;
}
