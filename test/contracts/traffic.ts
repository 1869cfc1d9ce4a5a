import type { Asker } from '../../src/core/cohorts/asker';
import type { Slot } from '../../src/core/plan/effects';
import { until } from '../support/until';
import type { SlotTraffic, Split, TrafficPort, TrafficReading } from '../../src/ports/traffic';

/** A world with one or more proxies at 100 % blue, and hands to disturb it. */
export type TrafficRig = {
  readonly port: TrafficPort;
  /** Sends `requests` to a slot that is ready; `bad` of them fail. */
  serve(slot: Slot, requests: number, bad: number): Promise<void>;
  /** So many requests stay open at a slot until the returned function ends them. */
  hold(slot: Slot, requests: number): Promise<() => Promise<void>>;
  /** The health checks of one proxy find a slot down. */
  failHealth(slot: Slot): Promise<void>;
  /** The proxy crashes and comes back with its first weights and no counters. */
  restart(): Promise<void>;
  /** One proxy of several shows another split. */
  disagree(split: Split): Promise<void>;
  goAway(): Promise<void>;
  /** What the files that the proxies begin with hold, and whatever lies beside them. */
  files(): Promise<readonly string[]>;
  /** None of these files can be written until the returned function is called. */
  lockFiles(): Promise<() => Promise<void>>;
  close(): Promise<void>;
};

const split = (green: number, state: SlotTraffic['state'] = 'ready'): Split => ({
  blue: { weight: Math.round(1000 - green * 10) / 10, state: 'ready' },
  green: { weight: green, state },
});

const grown = (before: TrafficReading, after: TrafficReading, slot: Slot) => ({
  requests: after.counters[slot].requests - before.counters[slot].requests,
  bad: after.counters[slot].bad - before.counters[slot].bad,
});

/** Path and errno. */
const unwritable = /\/\S+: cannot be written \(E[A-Z]+\)/;

/** What every TrafficPort does, in memory and on a real proxy. */
export const trafficContract = (name: string, create: () => Promise<TrafficRig>): void => {
  describe(`traffic port: ${name}`, () => {
    let rig: TrafficRig;
    beforeEach(async () => {
      rig = await create();
    });
    afterEach(() => rig.close());

    it.each([
      ['nobody on the canary, gate closed', split(0, 'maint')],
      ['nobody on the canary, gate open', split(0)],
      ['nobody new on the canary, its sessions kept', split(0, 'drain')],
      ['half a percent', split(0.5)],
      ['a share with a decimal', split(2.5)],
      ['a third', split(33.3)],
      ['a quarter', split(25)],
      ['all but a holdback', split(99)],
      ['everybody', split(100)],
      ['a closed gate that keeps its weight', split(5, 'maint')],
    ])('shows what was written: %s', async (_, wanted) => {
      await rig.port.writeSplit(wanted);
      expect(await rig.port.readSplit()).toEqual(wanted);
      expect((await rig.port.read()).split).toEqual(wanted);
    });

    it('changes weights and leaves a slot in maint where it is', async () => {
      await rig.port.writeSplit(split(0, 'maint'));
      await rig.port.writeWeights({ blue: 75, green: 25 });
      expect(await rig.port.readSplit()).toEqual(split(25, 'maint'));
      await rig.port.writeSplit(split(0));
      await rig.port.writeWeights({ blue: 97.5, green: 2.5 });
      expect(await rig.port.readSplit()).toEqual(split(2.5));
    });

    it('lowers a falling share, writes it twice as one, and never raises it', async () => {
      await rig.port.writeSplit(split(25));
      for (const green of [12.5, 12.5, 6.3])
        await rig.port.writeWeights({ blue: 100 - green, green }, { falling: 'green' });
      expect(await rig.port.readSplit()).toEqual(split(6.3));
      const late = rig.port.writeWeights({ blue: 87.5, green: 12.5 }, { falling: 'green' });
      await expect(late).rejects.toMatchObject({ code: 'NotConverged' });
      expect(await rig.port.readSplit()).toEqual(split(6.3));
      await rig.port.writeWeights({ blue: 100, green: 0 }, { falling: 'green' });
      expect(await rig.port.readSplit()).toEqual(split(0));
    });

    it('writes the same split twice as one change', async () => {
      await rig.port.writeSplit(split(25));
      await rig.port.writeSplit(split(25));
      expect(await rig.port.readSplit()).toEqual(split(25));
    });

    it('closes a gate that was wide open', async () => {
      await rig.port.writeSplit(split(100));
      await rig.port.writeSplit(split(0, 'maint'));
      expect(await rig.port.readSplit()).toEqual(split(0, 'maint'));
    });

    it('lets sessions run out, then closes, and opens again', async () => {
      await rig.port.writeSplit(split(25));
      for (const wanted of [split(0, 'drain'), split(0, 'maint'), split(0), split(25)]) {
        await rig.port.writeSplit(wanted);
        expect((await rig.port.read()).split).toEqual(wanted);
      }
    });

    it('shows the requests that a slot is working on', async () => {
      await rig.port.writeSplit(split(50));
      const end = await rig.hold('green', 2);
      const { sessions } = await rig.port.read();
      await end();
      expect(sessions).toEqual({ blue: 0, green: 2 });
      await until('the sessions end', async () => (await rig.port.read()).sessions.green === 0);
    });

    it('shows which slots in service the health checks find down', async () => {
      await rig.port.writeSplit(split(50));
      expect((await rig.port.read()).down).toEqual([]);
      await rig.failHealth('blue');
      expect((await rig.port.read()).down).toEqual(['blue']);
      expect((await rig.port.read()).split).toEqual(split(50));
    });

    it('takes no slot in maint for one that is down', async () => {
      await rig.port.writeSplit(split(0, 'maint'));
      expect((await rig.port.read()).down).toEqual([]);
    });

    it('counts requests and bad ones a slot', async () => {
      await rig.port.writeSplit(split(50));
      const before = await rig.port.read();
      await rig.serve('blue', 7, 0);
      await rig.serve('green', 5, 2);
      const after = await rig.port.read();
      expect(grown(before, after, 'blue')).toEqual({ requests: 7, bad: 0 });
      expect(grown(before, after, 'green')).toEqual({ requests: 5, bad: 2 });
      expect(after.resets).toBe(0);
    });

    it('shows that a restart lost the weights, and never lets counters fall', async () => {
      await rig.port.writeSplit(split(50));
      await rig.serve('green', 4, 1);
      const before = await rig.port.read();
      await rig.restart();
      const after = await rig.port.read();
      expect(after.resets).toBe(before.resets + 1);
      expect(after.split?.green.weight).toBe(0);
      expect(after.counters).toEqual(before.counters);
      await rig.port.writeSplit(split(50));
      await rig.serve('green', 3, 1);
      expect(grown(before, await rig.port.read(), 'green')).toEqual({ requests: 3, bad: 1 });
    });

    it('says how proxies differ, and has no split then', async () => {
      await rig.port.writeSplit(split(25));
      await rig.disagree(split(0));
      const reading = await rig.port.read();
      expect(reading.split).toBeUndefined();
      expect(reading.disagreement).toMatch(/green 25 ready.*; .*green 0 ready/);
      await expect(rig.port.readSplit()).rejects.toMatchObject({ name: 'PortError', code: 'NotConverged' });
      await rig.port.writeSplit(split(25));
      expect((await rig.port.read()).split).toEqual(split(25));
    });

    it('tries the files that proxies begin with, and leaves them as they are', async () => {
      await rig.port.writeSplit(split(25));
      const before = await rig.files();
      await rig.disagree(split(0));
      await rig.port.tryFiles();
      expect(await rig.files()).toEqual(before);
    });

    it('says before anything is written that a file cannot be, and takes it once it can', async () => {
      const unlock = await rig.lockFiles();
      const refused = { name: 'PortError', code: 'Rejected', message: expect.stringMatching(unwritable) as string };
      await expect(rig.port.tryFiles()).rejects.toMatchObject(refused);
      await expect(rig.port.writeSplit(split(25))).rejects.toMatchObject(refused);
      await expect(rig.port.writeWeights({ blue: 50, green: 50 })).rejects.toMatchObject(refused);
      await unlock();
      await rig.port.tryFiles();
      expect(await rig.port.writeSplit(split(25))).toEqual({});
    });

    it('lets users go back while a file cannot be written, and says what a reload would do', async () => {
      expect(await rig.port.writeSplit(split(50))).toEqual({});
      const unlock = await rig.lockFiles();
      const told = { unkept: expect.stringMatching(unwritable) as string };
      expect(await rig.port.writeWeights({ blue: 75, green: 25 }, { falling: 'green' })).toEqual(told);
      expect(await rig.port.writeSplit(split(0, 'drain'))).toEqual(told);
      const { unkept } = await rig.port.writeSplit(split(0, 'maint'));
      expect(unkept).toMatch(/begins with the split of before: /);
      expect(await rig.port.readSplit()).toEqual(split(0, 'maint'));
      await unlock();
      expect(await rig.port.writeSplit(split(0, 'maint'))).toEqual({});
    });

    it('says which slot serves whom: a region by its own share, strangers by the weights', async () => {
      const members = { 'region/eu': { blue: 0, green: 100 } };
      await rig.port.writeSplit({ ...split(0), members });
      expect((await rig.port.read()).split).toEqual({ ...split(0), members });
      const servedTo = async (asker: Asker) => new Set(await rig.port.whoServes(asker));
      expect(await servedTo({ member: 'region/eu' })).toEqual(new Set(['green']));
      expect(await servedTo({ member: 'region/eu', identity: 'ada' })).toEqual(new Set(['green']));
      for (const asker of [{}, { member: 'region/us' }, { member: 'region/nowhere' }, { identity: 'ada' }])
        expect([asker, await servedTo(asker)]).toEqual([asker, new Set(['blue'])]);
      await rig.port.writeSplit(split(0, 'maint'));
      expect(await servedTo({ member: 'region/eu' })).toEqual(new Set(['blue']));
      await rig.port.writeSplit(split(100));
      expect(await servedTo({})).toEqual(new Set(['green']));
    });

    it('says that the target is unavailable, on every call', async () => {
      await rig.goAway();
      const unavailable = { name: 'PortError', code: 'TargetUnavailable' };
      await expect(rig.port.read()).rejects.toMatchObject(unavailable);
      await expect(rig.port.readSplit()).rejects.toMatchObject(unavailable);
      await expect(rig.port.writeSplit(split(0))).rejects.toMatchObject(unavailable);
      await expect(rig.port.writeWeights({ blue: 100, green: 0 })).rejects.toMatchObject(unavailable);
      await expect(rig.port.tryFiles()).rejects.toMatchObject(unavailable);
      await expect(rig.port.whoServes({ member: 'region/eu' })).rejects.toMatchObject(unavailable);
    });
  });
};
