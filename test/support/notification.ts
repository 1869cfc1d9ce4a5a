import type { Notification } from '../../src/core/release/notification';

/** A notification with the id. */
export const notification = (id: string, changes: Partial<Notification> = {}): Notification => ({
  id,
  kind: 'gate',
  release: 'release/prod/shop/run-1',
  service: 'shop',
  environment: 'prod',
  text: 'shop 2.0.0 waits for an approval of the release lead.',
  at: '2026-01-02T03:04:05.000Z',
  ...changes,
});
