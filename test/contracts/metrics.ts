import type { MetricNumber, MetricsPort } from '../../src/ports/metrics';

/** A metrics system that knows nothing yet, and hands to feed it. */
export type MetricsRig = {
  readonly port: MetricsPort;
  /** A sample of one series, visible when this resolves; `oldMs` says how old it is. */
  readonly record: (metric: string, value: number, of?: { series?: string; oldMs?: number }) => Promise<void>;
  readonly goAway: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const moment = (number: MetricNumber): number => {
  if (number.kind === 'missing') throw new Error(`${number.reason}: ${number.detail}`);
  return number.atMs;
};

/** What every MetricsPort does, in memory and on a real metrics system. Each test uses metrics of its own. */
export const metricsContract = (name: string, create: () => Promise<MetricsRig>): void => {
  describe(`metrics port: ${name}`, () => {
    let rig: MetricsRig;
    beforeAll(async () => {
      rig = await create();
    });
    afterAll(() => rig.close());

    it('gives the value of one series and when it was sampled', async () => {
      const beforeMs = Date.now();
      await rig.record('depth', 4.5);
      const found = await rig.port.value('depth');
      expect(found).toMatchObject({ kind: 'number', value: 4.5 });
      expect(moment(found)).toBeGreaterThanOrEqual(beforeMs - 1);
      expect(moment(found)).toBeLessThanOrEqual(Date.now());
    });

    it.each([
      ['NaN', NaN],
      ['infinite', Infinity],
      ['minus infinite', -Infinity],
    ])('says that a value is no number when it is %s', async (_, value) => {
      await rig.record('strange', value);
      expect(await rig.port.value('strange')).toMatchObject({ kind: 'missing', reason: 'not-a-number' });
      expect(await rig.port.increase('strange', Date.now() - 60_000)).toMatchObject({ reason: 'not-a-number' });
    });

    it('says that there is nothing when there is no series', async () => {
      expect(await rig.port.value('nothing')).toMatchObject({ kind: 'missing', reason: 'empty' });
      expect(await rig.port.increase('nothing', Date.now() - 1000)).toMatchObject({ kind: 'missing', reason: 'empty' });
    });

    it('gives no value of several series', async () => {
      await rig.record('pools', 1, { series: 'a' });
      await rig.record('pools', 2, { series: 'b' });
      expect(await rig.port.value('pools')).toMatchObject({ kind: 'missing', reason: 'error' });
    });

    it('says that a sample is stale', async () => {
      await rig.record('old', 3, { oldMs: 30_000 });
      expect(await rig.port.value('old')).toMatchObject({ kind: 'missing', reason: 'stale' });
      expect(await rig.port.increase('old', Date.now() - 60_000)).toMatchObject({ kind: 'missing', reason: 'stale' });
      expect(await rig.port.increase('old', Date.now())).toMatchObject({ kind: 'missing', reason: 'stale' });
    });

    it('adds up what a counter grew by, over a reset', async () => {
      await rig.record('answers_total', 10);
      const sinceMs = moment(await rig.port.value('answers_total'));
      for (const value of [15, 3, 7]) await rig.record('answers_total', value);
      expect(await rig.port.increase('answers_total', sinceMs)).toMatchObject({ kind: 'number', value: 12 });
    });

    it('says zero for a counter that stands still', async () => {
      await rig.record('still_total', 10);
      const sinceMs = moment(await rig.port.value('still_total'));
      await rig.record('still_total', 10);
      expect(await rig.port.increase('still_total', sinceMs)).toMatchObject({ kind: 'number', value: 0 });
    });

    it('counts a series born later from zero, and an older one from where it was', async () => {
      await rig.record('born_total', 1000, { series: 'a' });
      const sinceMs = moment(await rig.port.value('born_total'));
      await rig.record('born_total', 1001, { series: 'a' });
      await rig.record('born_total', 30, { series: 'b' });
      await rig.record('born_total', 32, { series: 'b' });
      expect(await rig.port.increase('born_total', sinceMs)).toMatchObject({ kind: 'number', value: 33 });
    });

    it('loses and doubles nothing when it goes on from the last moment', async () => {
      await rig.record('steps_total', 5);
      const startMs = moment(await rig.port.value('steps_total'));
      let sinceMs = startMs;
      let sum = 0;
      for (const value of [8, 20, 1, 4]) {
        await rig.record('steps_total', value);
        const found = await rig.port.increase('steps_total', sinceMs);
        sinceMs = moment(found);
        sum += found.kind === 'number' ? found.value : NaN;
      }
      expect(sum).toBe(19);
      expect(await rig.port.increase('steps_total', startMs)).toMatchObject({ kind: 'number', value: 19 });
    });

    it('says that it is unreachable', async () => {
      const lost = await create();
      await lost.record('depth', 1);
      await lost.goAway();
      expect(await lost.port.value('depth')).toMatchObject({ kind: 'missing', reason: 'unreachable' });
      expect(await lost.port.increase('depth', Date.now())).toMatchObject({ kind: 'missing', reason: 'unreachable' });
      await lost.close();
    });
  });
};
