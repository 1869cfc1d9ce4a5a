import type { NotificationKind } from '../core/plan/plan';

export type Notification = {
  /** Receivers de-duplicate by it: one fact, one id. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly release: string;
  readonly service: string;
  readonly environment: string;
  /** The one sentence that every surface shows. */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
};

/** Tells one sink. Delivering the same id twice is allowed and harmless. */
export interface NotificationsPort {
  send(notification: Notification): Promise<void>;
}
