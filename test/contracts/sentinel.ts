import type { Lease } from '../../src/core/sentinel/lease';
import type { SentinelPort } from '../../src/ports/sentinel';

/** One sentinel that guards `edge`, and a clock that a test moves. */
export type SentinelRig = {
  readonly port: SentinelPort;
  /** Time passes. */
  pass(ms: number): void;
  goAway(): Promise<void>;
  close(): Promise<void>;
};

const roles = { baseline: 'blue', canary: 'green' } as const;
const lease = (release: string, change: Partial<Lease> = {}): Lease => ({
  release,
  roles,
  phase: 'exposing',
  ceilingPercent: 5,
  ttlMs: 60_000,
  ...change,
});
const ending = (release: string) => ({ release, roles, serving: 'blue' }) as const;

/** What every SentinelPort does. */
export const sentinelContract = (name: string, create: () => Promise<SentinelRig>): void => {
  describe(`sentinel port: ${name}`, () => {
    let rig: SentinelRig;
    beforeEach(async () => {
      rig = await create();
    });
    afterEach(() => rig.close());

    it('gives a lease, again and again, under one term', async () => {
      const given = await rig.port.hold('edge', lease('r1'));
      expect(given).toEqual({ isHeld: true, term: expect.any(Number) as number });
      expect(await rig.port.hold('edge', lease('r1', { ceilingPercent: 25 }))).toEqual(given);
      expect(await rig.port.renew('edge', 'r1')).toEqual(given);
    });

    it('knows nothing of a release that never asked', async () => {
      expect(await rig.port.renew('edge', 'r1')).toEqual({ isHeld: false, refusal: 'unknown' });
    });

    it('lets a renewed lease live on and an expired one stay expired', async () => {
      await rig.port.hold('edge', lease('r1'));
      rig.pass(40_000);
      expect(await rig.port.renew('edge', 'r1')).toMatchObject({ isHeld: true });
      rig.pass(40_000);
      expect(await rig.port.renew('edge', 'r1')).toMatchObject({ isHeld: true });
      rig.pass(60_000);
      expect(await rig.port.renew('edge', 'r1')).toEqual({ isHeld: false, refusal: 'expired' });
      expect(await rig.port.hold('edge', lease('r1'))).toEqual({ isHeld: false, refusal: 'expired' });
    });

    it('gives nothing to a release that ended, also when told twice', async () => {
      await rig.port.hold('edge', lease('r1'));
      const over = { isHeld: false, refusal: 'ended' };
      expect(await rig.port.end('edge', ending('r1'))).toEqual(over);
      expect(await rig.port.end('edge', ending('r1'))).toEqual(over);
      expect(await rig.port.hold('edge', lease('r1'))).toEqual({ isHeld: false, refusal: 'ended' });
    });

    it('lets a new release take over, and an old one neither back in nor end the new one', async () => {
      await rig.port.hold('edge', lease('r1'));
      const second = await rig.port.hold('edge', lease('r2'));
      expect(await rig.port.renew('edge', 'r1')).toEqual({ isHeld: false, refusal: 'superseded' });
      expect(await rig.port.hold('edge', lease('r1'))).toEqual({ isHeld: false, refusal: 'superseded' });
      expect(await rig.port.end('edge', ending('r1'))).toEqual({ isHeld: false, refusal: 'superseded' });
      expect(await rig.port.renew('edge', 'r2')).toEqual(second);
    });

    it('lets neither a dark slot nor a promotion expire', async () => {
      await rig.port.hold('edge', lease('r1', { phase: 'dark', ceilingPercent: 0 }));
      rig.pass(3_600_000);
      expect(await rig.port.hold('edge', lease('r1'))).toMatchObject({ isHeld: true });
      expect(await rig.port.hold('edge', lease('r1', { phase: 'promoting' }))).toMatchObject({ isHeld: true });
      rig.pass(3_600_000);
      expect(await rig.port.renew('edge', 'r1')).toMatchObject({ isHeld: true });
    });

    it('says which targets it guards', async () => {
      expect(Object.keys((await rig.port.status()).targets)).toEqual(['edge']);
    });

    it('refuses a target that it does not guard', async () => {
      await expect(rig.port.hold('back', lease('r1'))).rejects.toMatchObject({ code: 'Rejected' });
    });

    it('is unavailable when it is away', async () => {
      await rig.goAway();
      await expect(rig.port.renew('edge', 'r1')).rejects.toMatchObject({ code: 'TargetUnavailable' });
      await expect(rig.port.status()).rejects.toMatchObject({ code: 'TargetUnavailable' });
    });
  });
};
