import { createMemoryNotifications } from '../../src/adapters/notifications/memory';
import { startOutboxDispatcher } from '../../src/outbox/dispatcher';
import { PortError } from '../../src/ports/errors';
import type { NotificationsPort } from '../../src/ports/notifications';
import { memoryOutbox } from '../support/memory-outbox';
import { until } from '../support/until';

const refusal = new PortError('Rejected', 'webhook at example.org: it answers 403');
const absence = new PortError('TargetUnavailable', 'webhook at example.org: no connection (ECONNREFUSED)');

describe('outbox dispatcher', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  const start = (sinks: Record<string, NotificationsPort>, sendTimeoutMs?: number) => {
    const outbox = memoryOutbox();
    const lines: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[] = [];
    const logAs = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
      void lines.push({ level, fields, message });
    const log = { info: logAs('info'), warn: logAs('warn'), error: logAs('error') };
    const { stop } = startOutboxDispatcher({ store: outbox, sinks, intervalMs: 5, log, sendTimeoutMs });
    stops.push(stop);
    return { outbox, lines, stop };
  };

  it('delivers every item once and settles it', async () => {
    const chat = createMemoryNotifications();
    const { outbox } = start({ chat });
    const ids = Array.from({ length: 250 }, (_, index) => `n${index}`);
    outbox.put('chat', ...ids);
    // More than a lane holds: what did not fit comes back when its lease runs out.
    await until('nothing is left but what is leased', () => chat.sent.length >= 100);
    await until('all are delivered', () => {
      outbox.expireLeases();
      return outbox.open().length === 0;
    });
    expect([...chat.ids()].sort()).toEqual([...ids].sort());
  });

  it('tries again later and later while the sink is away, then delivers', async () => {
    const chat = createMemoryNotifications();
    chat.setFailure(absence);
    const { outbox, lines } = start({ chat });
    outbox.put('chat', 'a');
    for (let attempts = 1; attempts <= 11; attempts += 1) {
      await until(`attempt ${attempts} is settled`, () => outbox.retriesMs('a').length === attempts);
      if (attempts < 11) outbox.makeDue('a');
    }
    expect(outbox.retriesMs('a').map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { id: 'a', sink: 'chat', error: absence.message } });
    chat.setFailure(undefined);
    outbox.makeDue('a');
    await until('it is delivered', () => outbox.open().length === 0);
    expect(chat.ids()).toEqual(['a']);
  });

  it('asks a sink that refuses more slowly, and after 20 refusals calls a person but keeps the item', async () => {
    const chat = createMemoryNotifications();
    chat.setFailure(refusal);
    const { outbox, lines } = start({ chat });
    outbox.put('chat', 'a');
    for (let attempts = 1; attempts <= 20; attempts += 1) {
      await until(`attempt ${attempts} is settled`, () => outbox.retriesMs('a').length === attempts);
      if (attempts < 20) outbox.makeDue('a');
    }
    const minutes = outbox.retriesMs('a').map((ms) => ms / 60_000);
    expect(minutes.slice(0, 8)).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30]);
    expect(minutes.at(-1)).toBe(360);
    await until('a person is called', () => lines.some(({ level }) => level === 'error'));
    const calls = lines.filter(({ level }) => level === 'error');
    expect(calls.map(({ fields }) => [fields.id, fields.attempts, fields.error])).toEqual([['a', 20, refusal.message]]);
    expect(outbox.open()).toEqual(['a']);
  });

  it('keeps an item of an unknown sink and says so', async () => {
    const { outbox, lines } = start({});
    outbox.put('pager', 'a');
    outbox.put('toString', 'b');
    await until('both are settled', () => outbox.retriesMs('a').length + outbox.retriesMs('b').length === 2);
    expect(outbox.retriesMs('a')).toEqual([300_000]);
    await until('both are told', () => lines.length === 2);
    expect(String(lines[0]?.fields.error)).toMatch(/sink pager is not known to this worker/);
    expect(outbox.open()).toEqual(['a', 'b']);
  });

  it('waits for a store that is down, tells it once, and goes on', async () => {
    const chat = createMemoryNotifications();
    const { outbox, lines } = start({ chat });
    outbox.setDown(true);
    outbox.put('chat', 'a');
    const asked = outbox.takes();
    await until('the store was asked again and again', () => outbox.takes() > asked + 5);
    outbox.setDown(false);
    await until('it is delivered', () => outbox.open().length === 0);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  it('sends again under the same id what the store could not note as delivered', async () => {
    const chat = createMemoryNotifications();
    const { outbox, lines } = start({ chat });
    outbox.failSettles(1);
    outbox.put('chat', 'a');
    await until('the store did not note it', () => lines.some(({ message }) => message.includes('did not note')));
    outbox.expireLeases();
    await until('it is settled', () => outbox.open().length === 0);
    expect(chat.sent.map(({ id }) => id)).toEqual(['a', 'a']);
  });

  it('lets a sink that hangs delay no other one', async () => {
    const chat = createMemoryNotifications();
    const releases: (() => void)[] = [];
    const hung: NotificationsPort = { send: () => new Promise((resolve) => releases.push(resolve)) };
    const { outbox, stop } = start({ chat, hung });
    outbox.put('hung', ...Array.from({ length: 150 }, (_, index) => `h${index}`));
    await until('the hung sink is busy', () => releases.length === 4);
    outbox.put('chat', 'a');
    await until('chat has it', () => !outbox.open().includes('a'));
    expect([releases.length, outbox.open().length]).toEqual([4, 150]);
    const stopping = stop();
    releases.forEach((release) => release());
    await stopping;
  });

  it('takes a sink that never answers for one that is away', async () => {
    const { outbox, lines } = start({ hung: { send: () => new Promise(() => undefined) } }, 50);
    outbox.put('hung', 'a');
    await until('it is settled', () => outbox.retriesMs('a').length === 1 && lines.length === 1);
    expect(outbox.retriesMs('a')).toEqual([1_000]);
    expect(lines[0]?.fields.error).toBe('sink hung did not take it within 50ms');
  });

  it('does not send an item twice at once, however often it is due', async () => {
    let sends = 0;
    let release = () => undefined as void;
    const slow: NotificationsPort = {
      send: () => {
        sends += 1;
        return new Promise((resolve) => (release = resolve));
      },
    };
    const { outbox } = start({ slow });
    outbox.put('slow', 'a');
    await until('it is under way', () => sends === 1);
    outbox.expireLeases();
    const asked = outbox.takes();
    await until('it was due again', () => outbox.takes() > asked + 3);
    expect(sends).toBe(1);
    release();
    await until('it is settled', () => outbox.open().length === 0);
  });

  it('ends the attempts under way before stop resolves, and begins no more', async () => {
    let release = () => undefined as void;
    let sends = 0;
    const slow: NotificationsPort = {
      send: () => {
        sends += 1;
        return new Promise((resolve) => (release = resolve));
      },
    };
    const { outbox, stop } = start({ slow });
    outbox.put('slow', 'a');
    await until('it is under way', () => sends === 1);
    let isStopped = false;
    const stopping = stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    release();
    await stopping;
    expect(outbox.open()).toEqual([]);
    const asked = outbox.takes();
    outbox.put('slow', 'b');
    await new Promise((resolve) => setImmediate(resolve));
    expect([outbox.takes(), sends]).toEqual([asked, 1]);
  });
});
