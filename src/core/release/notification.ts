import type { NotificationKind } from '../plan/plan';

/** What somebody is told. */
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
