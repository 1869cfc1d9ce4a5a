import { verifyChain } from '../../src/core/evidence/chain';
import type { StorePort } from '../../src/ports/store';
import { failure } from '../support/failure';
import { announcement, publication, record, releaseRow } from '../support/publication';
import { until } from '../support/until';
import { flag, key } from '../core/combinations/settings';
import { keepEnded } from './keep-ended';

/** An empty store. */
export type StoreRig = { readonly port: StorePort; close(): Promise<void> };

const release = 'release/test/shop/1';

/** What every StorePort does, in memory and on PostgreSQL. */
export const storeContract = (name: string, create: () => Promise<StoreRig>): void => {
  describe(`store port: ${name}`, () => {
    let rig: StoreRig;
    let port: StorePort;
    beforeEach(async () => {
      rig = await create();
      port = rig.port;
    });
    afterEach(() => rig.close());

    it('is empty at first', async () => {
      await port.ping();
      expect(await port.evidence(release)).toEqual([]);
      expect(await port.samples(release)).toEqual([]);
      expect(await port.releases('test', 10)).toEqual([]);
      expect(await port.role('test', 'shop')).toBeUndefined();
      expect(await port.takeOutbox(10, 1_000)).toEqual([]);
    });

    it('keeps erasable evidence beside the chain, once', async () => {
      await port.publish(publication(release, 1, 2));
      for (let time = 0; time < 2; time += 1) await port.keepErasable(release, 'sha256:1', '{"keys":["7"]}');
      expect(await port.evidence(release)).toHaveLength(2);
      expect(verifyChain(await port.evidence(release))).toMatchObject({ ok: true });
    });

    it('chains evidence over several publications', async () => {
      await port.publish(publication(release, 1, 2));
      await port.publish(publication(release, 3, 5));
      const stored = await port.evidence(release);
      expect(stored.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(verifyChain(stored)).toMatchObject({ ok: true, head: stored[4]?.hash });
    });

    it('gives evidence back as it was, whatever its detail holds', async () => {
      const detail = { b: 1e21, a: [0.1, null, true], text: '\0 \ud800 "ü" \n', nested: { z: {}, y: [] } };
      await port.publish({ ...publication(release, 1, 1), evidence: [record(1, detail)] });
      const stored = await port.evidence(release);
      expect(stored[0]?.detail).toEqual(JSON.parse(JSON.stringify(detail)));
      expect(Object.keys(stored[0]?.detail ?? {})).toEqual(['b', 'a', 'text', 'nested']);
      expect(verifyChain(stored).ok).toBe(true);
    });

    it('changes nothing when a publication is repeated, also in part', async () => {
      await port.publish(publication(release, 1, 3));
      const before = await port.evidence(release);
      await port.publish(publication(release, 1, 3));
      expect(await port.evidence(release)).toEqual(before);
      await port.publish(publication(release, 2, 4));
      expect(verifyChain(await port.evidence(release)).ok).toBe(true);
      expect(await port.evidence(release)).toHaveLength(4);
    });

    it('refuses a gap and writes nothing of it', async () => {
      await port.publish(publication(release, 1, 1));
      const error = await failure(port.publish(publication(release, 3, 4)));
      expect(error.code).toBe('Rejected');
      expect(error.message).toMatch(/record 3 comes where 2 is due/);
      expect(await port.evidence(release)).toHaveLength(1);
      expect((await port.releases('test', 1))[0]?.sentence).toBe('at record 1');
    });

    it('refuses another content for a stored record', async () => {
      await port.publish(publication(release, 1, 2));
      const forged = { ...publication(release, 1, 1), evidence: [record(1, { step: 'forged' })] };
      expect((await failure(port.publish(forged))).code).toBe('Conflict');
    });

    it('keeps one chain when the same batch is published many times at once', async () => {
      await Promise.all(Array.from({ length: 8 }, () => port.publish(publication(release, 1, 20))));
      const stored = await port.evidence(release);
      expect(stored).toHaveLength(20);
      expect(verifyChain(stored).ok).toBe(true);
    });

    it('does not turn the row back when an old publication comes late', async () => {
      await port.publish(publication(release, 1, 2));
      await port.publish(publication(release, 3, 4));
      await port.publish(publication(release, 1, 2));
      expect((await port.releases('test', 1))[0]?.sentence).toBe('at record 4');
    });

    it('does not turn the row back when one that brought no evidence is repeated late', async () => {
      const bare = announcement(release, 'n1', ['chat']);
      await port.publish(bare);
      await port.publish(publication(release, 1, 2));
      await port.publish(bare);
      expect((await port.releases('test', 1))[0]?.sentence).toBe('at record 2');
    });

    it('ends a release that could not say so itself, and none that has', async () => {
      await port.publish(publication(release, 1, 2));
      const over = releaseRow(release, { phase: 'RolledBack', endedAt: '2026-01-02T00:00:00.000Z' });
      await port.endRelease(over);
      expect(await port.row(release)).toEqual(over);
      await port.endRelease({ ...over, phase: 'Promoted' });
      expect(await port.row(release)).toEqual(over);
      expect(await port.lastSeq(release)).toBe(2);
      await port.endRelease({ ...over, release: 'unheard of' });
      expect(await port.row('unheard of')).toMatchObject({ phase: 'RolledBack' });
    });

    it('lists the releases of an environment, the newest first', async () => {
      const rows = [1, 2, 3].map((day) => releaseRow(`r/${day}`, { startedAt: `2026-01-0${day}T00:00:00.000Z` }));
      for (const row of rows) await port.publish({ row, evidence: [], notifications: [] });
      const ended = {
        ...rows[2],
        ...releaseRow('r/3'),
        endedAt: '2026-01-04T00:00:00.000Z',
        startedAt: '2026-01-03T00:00:00.000Z',
      };
      await port.publish({ row: ended, evidence: [], notifications: [] });
      const other = releaseRow('elsewhere', { environment: 'production' });
      await port.publish({ row: other, evidence: [], notifications: [] });
      expect(await port.releases('test', 2)).toEqual([ended, rows[1]]);
    });

    it('keeps samples in order of time, each once', async () => {
      const rows = [1.5, 2, 2].map((atMs, index) => ({ atMs: 1_000_000_000_000 + atMs, sample: { index } }));
      await port.addSamples(release, [...rows].reverse());
      await port.addSamples(release, rows);
      expect((await port.samples(release)).map(({ atMs }) => atMs)).toEqual(rows.map(({ atMs }) => atMs));
      await port.addSamples(release, []);
      expect(await port.samples('another')).toEqual([]);
    });

    it('remembers the last role of a service', async () => {
      await port.recordRole('test', 'shop', { baseline: 'blue', version: '1', release: 'a' });
      await port.recordRole('test', 'shop', { baseline: 'green', version: '2', release: 'b' });
      expect(await port.role('test', 'shop')).toEqual({ baseline: 'green', version: '2', release: 'b' });
      expect(await port.role('production', 'shop')).toBeUndefined();
    });

    it('tells what the newest promoted releases of a service set together', async () => {
      const promoted = { phase: 'Promoted', endedAt: '2026-01-02T00:00:00.000Z' };
      await keepEnded(port, 'a', [flag('a', '0', '1'), key('\0', '0', '1')], promoted);
      await keepEnded(port, 'b', [flag('b', '0', '1')], { ...promoted, phase: 'RolledBack' });
      await keepEnded(port, 'open', [flag('open', '0', '1')], {});
      await keepEnded(port, 'older worker', undefined, promoted);
      await keepEnded(port, 'elsewhere', [flag('c', '0', '1')], { ...promoted, environment: 'production' });
      await keepEnded(port, 'd', [flag('d', undefined, '1'), flag('e', '0', '1')], promoted);
      const all = await port.promotedSettings('test', 'shop', 10);
      expect(all).toEqual([
        [flag('d', undefined, '1'), flag('e', '0', '1')],
        [flag('a', '0', '1'), key('\0', '0', '1')],
      ]);
      expect(await port.promotedSettings('test', 'shop', 2)).toEqual(all.slice(0, 1));
      expect(await port.promotedSettings('test', 'cart', 10)).toEqual([]);
    });

    it('hands each notification to one taker, once a sink', async () => {
      await port.publish(announcement(release, 'n1', ['chat', 'mail']));
      await port.publish(announcement(release, 'n1', ['chat', 'mail']));
      const taken = (await Promise.all([port.takeOutbox(1, 60_000), port.takeOutbox(5, 60_000)])).flat();
      expect(taken.map(({ sink }) => sink).sort()).toEqual(['chat', 'mail']);
      expect(taken.map(({ notification, attempts }) => [notification.id, attempts])).toEqual([
        ['n1', 1],
        ['n1', 1],
      ]);
      expect(await port.takeOutbox(5, 60_000)).toEqual([]);
    });

    it('brings back what was taken and not settled', async () => {
      await port.publish(announcement(release, 'n1', ['chat']));
      const [first] = await port.takeOutbox(1, 1);
      let again: Awaited<ReturnType<StorePort['takeOutbox']>> = [];
      await until('the lease runs out', async () => (again = await port.takeOutbox(1, 60_000)).length > 0);
      expect(again).toEqual([{ ...first, attempts: 2 }]);
    });

    it('brings back what failed, and not what was delivered', async () => {
      await port.publish(announcement(release, 'n1', ['chat', 'mail', 'pager']));
      const items = await port.takeOutbox(3, 60_000);
      const id = (sink: string) => items.find((item) => item.sink === sink)?.id ?? '';
      await port.settleOutbox(id('chat'), { delivered: true });
      await port.settleOutbox(id('chat'), { delivered: false, error: 'late', retryInMs: 0 });
      await port.settleOutbox(id('mail'), { delivered: false, error: '503', retryInMs: 0 });
      await port.settleOutbox(id('pager'), { delivered: false, error: '503', retryInMs: 60_000 });
      expect((await port.takeOutbox(5, 60_000)).map(({ sink }) => sink)).toEqual(['mail']);
    });
  });
};
