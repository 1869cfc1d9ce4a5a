import type { Members } from '../../core/cohorts/members';
import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { TrafficPort, TrafficReading, Split } from '../../ports/traffic';
import { sumLedgers } from './haproxy-counters';
import { createHaproxyFiles } from './haproxy-files';
import { createMemberMap } from './haproxy-members';
import { createProbe } from './haproxy-probe';
import { createProxy } from './haproxy-proxy';
import { describeSplit, isSameSplit, toServers, toSplit, toWeights, type Servers } from './haproxy-split';
import { checkNames, haproxyTimeoutMs, type HaproxyTarget } from './haproxy-target';
import { settleProxies } from './settle-proxies';

const slots = ['blue', 'green'] as const;

type Agreement = { readonly split?: Split; readonly disagreement?: string };

function requireMap<T>(map: T | undefined, { backend }: HaproxyTarget): T {
  if (map !== undefined) return map;
  throw new PortError(
    'Rejected',
    `The HAProxies of backend ${backend} have no map of members. Add \`cohorts\` to the target in the environment file.`,
  );
}

/**
 * Moves traffic between two servers of one backend, over the runtime API of every HAProxy in front of them.
 * Counters are the proxies' own, summed, and never fall: an instance of this adapter adds up across restarts.
 * @throws PortError Rejected at once when a name could not be sent safely.
 */
export const createHaproxyTraffic = (target: HaproxyTarget): TrafficPort => {
  checkNames(target);
  const proxies = [...new Set(target.sockets)].map((socket) => createProxy(target, socket));

  const { cohorts, timeoutMs = haproxyTimeoutMs } = target;
  const sockets = proxies.map(({ socket }) => socket);
  const memberMap = cohorts === undefined ? undefined : createMemberMap(sockets, cohorts, timeoutMs);
  const files = createHaproxyFiles(target, memberMap);
  const probe = cohorts === undefined ? undefined : createProbe(target, cohorts.probe);

  /** What all proxies say, or how they differ. */
  const agree = (found: readonly Servers[], members: readonly Members[] = []): Agreement => {
    const splits = found.map((servers, index) => toSplit(servers, members[index]));
    const [split] = splits;
    if (split !== undefined && splits.every((other) => isSameSplit(other, split))) return { split };
    const shown = proxies.flatMap(({ socket }, index) => {
      const other = splits[index];
      return other === undefined ? [] : [`${socket}: ${describeSplit(other)}`];
    });
    return { disagreement: shown.join('; ') };
  };
  let last: { readonly sources: readonly unknown[]; readonly reading: TrafficReading } | undefined;
  const readAll = async (): Promise<TrafficReading> => {
    const servers = await settleProxies(proxies.map((proxy) => proxy.read()));
    const sources = proxies.map((proxy) => proxy.source());
    if (last !== undefined && sources.every((source, index) => source === last?.sources[index])) return last.reading;
    const agreed = agree(servers, await memberMap?.read());
    const sessions = (slot: Slot): number => proxies.reduce((sum, proxy) => sum + proxy.sessions()[slot], 0);
    const reading = {
      ...agreed,
      ...sumLedgers(proxies.map(({ keeper }) => keeper.ledger())),
      sessions: { blue: sessions('blue'), green: sessions('green') },
      down: slots.filter((slot) => proxies.some((proxy) => proxy.down().includes(slot))),
      processes: proxies.map((proxy) => proxy.process()).join(' '),
    };
    last = { sources, reading };
    return reading;
  };
  // One read after the other: answers that overtake each other would look like a reset.
  let lastRead: Promise<unknown> = Promise.resolve();

  const isExposing = ({ blue, green, members = {} }: Split): boolean =>
    Object.keys(members).length > 0 || (blue.weight > 0 && green.weight > 0);

  return {
    async writeSplit(split) {
      const wanted = toServers(split);
      if (split.members !== undefined) requireMap(memberMap, target);
      await settleProxies(proxies.map((proxy) => proxy.writeSplit(wanted)));
      await memberMap?.write(split.members ?? {});
      const isOpen = split.blue.state === 'ready' && split.green.state === 'ready';
      return files.keep(isOpen && isExposing(split), split.members ?? {});
    },
    async writeWeights(shares, { falling, members } = {}) {
      const wanted = toWeights(shares);
      if (members !== undefined && Object.keys(members).length > 0) requireMap(memberMap, target);
      await settleProxies(proxies.map((proxy) => proxy.writeWeights(wanted, falling)));
      if (members !== undefined) await memberMap?.write(members, falling);
      return files.keep(falling === undefined, members);
    },
    tryFiles: () => files.try(),
    whoServes: async (asker) => requireMap(probe, target)(asker),
    async readSplit() {
      const [servers, members] = await Promise.all([
        settleProxies(proxies.map((proxy) => proxy.readServers())),
        memberMap?.read(),
      ]);
      const { split, disagreement } = agree(servers, members);
      if (split !== undefined) return split;
      throw new PortError(
        'NotConverged',
        `The HAProxies of backend ${target.backend} differ: ${disagreement ?? ''}. Write the split again, or look for the one that was reloaded.`,
      );
    },
    read() {
      const reading = lastRead.then(readAll);
      lastRead = reading.catch(() => undefined);
      return reading;
    },
  };
};
