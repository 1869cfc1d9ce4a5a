import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { TrafficPort, TrafficReading, Split } from '../../ports/traffic';
import { sumLedgers } from './haproxy-counters';
import { createProxy } from './haproxy-proxy';
import { describeSplit, isSameSplit, toServers, toSplit, toWeights, type Servers } from './haproxy-split';
import { checkNames, type HaproxyTarget } from './haproxy-target';
import { settleProxies } from './settle-proxies';

const slots = ['blue', 'green'] as const;

/**
 * Moves traffic between two servers of one backend, over the runtime API of every HAProxy in front of them.
 * Counters are the proxies' own, summed, and never fall: an instance of this adapter adds up across restarts.
 * @throws PortError Rejected at once when a name could not be sent safely.
 */
export const createHaproxyTraffic = (target: HaproxyTarget): TrafficPort => {
  checkNames(target);
  const proxies = [...new Set(target.sockets)].map((socket) => createProxy(target, socket));

  /** What all proxies say, or how they differ. */
  const agree = (found: readonly Servers[]): { readonly split?: Split; readonly disagreement?: string } => {
    const splits = found.map(toSplit);
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
    const agreed = agree(await settleProxies(proxies.map((proxy) => proxy.read())));
    const sources = proxies.map((proxy) => proxy.source());
    if (last !== undefined && sources.every((source, index) => source === last?.sources[index])) return last.reading;
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

  return {
    async writeSplit(split) {
      const wanted = toServers(split);
      await settleProxies(proxies.map((proxy) => proxy.writeSplit(wanted)));
    },
    async writeWeights(shares, falling) {
      const wanted = toWeights(shares);
      await settleProxies(proxies.map((proxy) => proxy.writeWeights(wanted, falling)));
    },
    async readSplit() {
      const { split, disagreement } = agree(await settleProxies(proxies.map((proxy) => proxy.readServers())));
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
