import { createLeakProbe } from '../../../src/activities/observe/leak-probe';
import type { Asker } from '../../../src/core/cohorts/asker';
import type { LeakReading } from '../../../src/core/cohorts/leak';
import { environmentSchema } from '../../../src/core/environment/schema';
import type { Split } from '../../../src/ports/traffic';
import { createMemoryWorld } from '../../support/memory-world';
import { stage } from './played-watch';

const cohort = stage(0, { id: 'expose-early-100', cohorts: [{ member: 'tenant/t0', canaryPercent: 100 }] });
const everybody = stage(25, { cohorts: cohort.cohorts ?? [] });
const roles = { baseline: 'blue', canary: 'green' } as const;

describe('the probe of everybody outside', () => {
  const world = createMemoryWorld('test');
  afterAll(() => world.close());
  const tenants = Array.from({ length: 25 }, (_, index) => `t${index}`);
  const edge = {
    kind: 'haproxy',
    backend: 'shop',
    sockets: ['/run/h.sock'],
    stateFiles: 'none',
    cohorts: {
      map: '/run/m.map',
      attributes: { tenant: { header: 'x-tenant', values: tenants } },
      named: {},
      probe: { urls: ['http://127.0.0.1:1/'] },
    },
  };
  const open: Split = {
    blue: { weight: 100, state: 'ready' },
    green: { weight: 0, state: 'ready' },
    members: { 'tenant/t0': { blue: 0, green: 100 } },
  };
  let nowMs = 0;
  /** A probe over a target, and one round of it after the other, each two seconds later. */
  function probing(targets: object = { edge }, release = 'r1') {
    nowMs = 0;
    const environment = environmentSchema.parse({ ...world.ports.environment, targets, services: {} });
    const asked: Asker[] = [];
    const traffic = {
      ...world.traffic,
      whoServes(asker: Asker) {
        asked.push(asker);
        return world.traffic.whoServes(asker);
      },
    };
    const ports = { environment, traffic: () => traffic, now: () => nowMs };
    const probe = createLeakProbe(ports, { target: 'edge', roles, stages: [cohort, everybody], release });
    let last: LeakReading | undefined;
    const round = async (): Promise<LeakReading['kind'] | undefined> => {
      nowMs += 2_000;
      probe.take(0, nowMs);
      await new Promise((resolve) => setTimeout(resolve, 20));
      last = probe.take(0, nowMs);
      return last?.kind;
    };
    return { probe, asked, round, last: () => last };
  }
  beforeEach(() => world.traffic.writeSplit(open));

  it('says nothing good before everybody was asked for', async () => {
    const { asked, round } = probing();
    expect([await round(), await round(), await round(), await round()]).toEqual([
      'asking',
      'asking',
      'clean',
      'clean',
    ]);
    const members = asked.map(({ member }) => member);
    expect(tenants.slice(1).filter((tenant) => !members.includes(`tenant/${tenant}`))).toEqual([]);
  });

  const withIdentity = {
    edge: { ...edge, cohorts: { ...edge.cohorts, probe: { ...edge.cohorts.probe, identity: { cookie: 'uid' } } } },
  };
  const isListed = ({ member = '' }: Asker): boolean => tenants.includes(member.slice('tenant/'.length));
  const isNobody = ({ member, identity }: Asker): boolean => member === undefined && identity === undefined;

  it.each<[string, object, (asker: Asker) => boolean, RegExp]>([
    ['a request that says nothing', { edge }, isNobody, /^a request without tenant$/],
    [
      'a tenant that no list names',
      { edge },
      (asker) => asker.member !== undefined && !isListed(asker),
      /^tenant\/u[0-9a-f]{16}, which no list names,$/,
    ],
    ['a request without tenant and identity', withIdentity, isNobody, /^a request without tenant and identity$/],
    [
      'an identity that nobody has',
      withIdentity,
      ({ identity, member }) => identity !== undefined && member === undefined,
      /^identity u[0-9a-f]{16} without tenant$/,
    ],
    [
      'an identity of a tenant that no list names',
      withIdentity,
      ({ identity, member }) => identity !== undefined && member !== undefined,
      /^identity (u[0-9a-f]{16}) of tenant\/\1, which no list names,$/,
    ],
  ])('finds that %s sees the canary, when it is seen again', async (_, targets, isMisled, who) => {
    world.traffic.misroute(isMisled, 'green');
    const { asked, round, last } = probing(targets);
    expect([await round(), await round()]).toEqual(['asking', 'leak']);
    expect(last()).toMatchObject({ who: expect.stringMatching(who) as string });
    const [first, second] = asked.filter(isMisled);
    expect(second).toEqual(first);
    world.traffic.misroute(isMisled);
  });

  it('asks as other strangers at every pass and for every release, and as the same ones when a watch begins anew', async () => {
    const strangersOf = async (release: string) => {
      const { asked, round } = probing(withIdentity, release);
      for (let turn = 0; turn < 6; turn += 1) await round();
      return asked.flatMap(({ identity, member }) =>
        identity !== undefined && member === undefined ? [identity] : [],
      );
    };
    const [one, other] = [await strangersOf('r1'), await strangersOf('r2')];
    expect(one).toHaveLength(2);
    expect(new Set([...one, ...other]).size).toBe(4);
    expect(await strangersOf('r1')).toEqual(one);
  });

  it('finds a leak behind the first ten, when it is seen again', async () => {
    world.traffic.misroute('tenant/t24', 'green');
    const { round } = probing();
    expect([await round(), await round(), await round(), await round()]).toEqual([
      'asking',
      'asking',
      'asking',
      'leak',
    ]);
    world.traffic.misroute('tenant/t24');
  });

  it('knows nothing where the member inside does not see the canary, or nobody says any more who there is', async () => {
    world.traffic.misroute('tenant/t0', 'blue');
    expect(await probing().round()).toBe('unknown');
    world.traffic.misroute('tenant/t0');
    expect(await probing({}).round()).toBe('unknown');
  });

  it('asks for nobody where everybody may see the canary', () => {
    expect(probing().probe.take(1, 5_000)).toBeUndefined();
  });
});
