import { createMemoryNotifications } from '../../src/adapters/notifications/memory';
import { createWebhook } from '../../src/adapters/notifications/webhook';
import type { NotificationsPort } from '../../src/ports/notifications';
import { PortError, type PortErrorCode } from '../../src/ports/errors';
import { failure } from '../support/failure';
import { notification } from '../support/notification';
import { receiver } from '../support/receiver';

type World = {
  readonly sink: NotificationsPort;
  /** The ids as a receiver that de-duplicates sees them. */
  ids(): readonly string[];
  fail(code: PortErrorCode | undefined): void;
  readonly close: () => Promise<void>;
};

const webhookWorld = (format: 'generic' | 'slack') => async (): Promise<World> => {
  const server = await receiver();
  return {
    sink: createWebhook({ url: `${server.url}/hook`, format }),
    ids: () => [
      ...new Set(
        server.requests.filter((each) => each.status === 200).map((each) => String(each.headers['idempotency-key'])),
      ),
    ],
    fail: (code) => server.answer(code === undefined ? 200 : code === 'Rejected' ? 403 : 503),
    close: server.close,
  };
};

function memoryWorld(): Promise<World> {
  const sink = createMemoryNotifications();
  return Promise.resolve({
    sink,
    ids: sink.ids,
    fail: (code) => sink.setFailure(code && new PortError(code, 'as told')),
    close: () => Promise.resolve(),
  });
}

describe.each([
  ['generic webhook', webhookWorld('generic')],
  ['slack webhook', webhookWorld('slack')],
  ['memory', memoryWorld],
])('notifications %s', (_, open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  it('delivers, and a receiver can tell a repeated fact from a new one', async () => {
    for (const id of ['a', 'b', 'a']) await world.sink.send(notification(id));
    expect(world.ids()).toEqual(['a', 'b']);
  });

  it.each(['Rejected', 'TargetUnavailable'] as const)('fails as %s, then delivers the same id', async (code) => {
    world.fail(code);
    expect((await failure(world.sink.send(notification('a')))).code).toBe(code);
    expect(world.ids()).toEqual([]);
    world.fail(undefined);
    await world.sink.send(notification('a'));
    expect(world.ids()).toEqual(['a']);
  });
});
