import { createHaproxyTraffic } from '../adapters/traffic/haproxy';
import type { SentinelFile } from '../core/sentinel/schema';
import type { TrafficPort } from '../ports/traffic';

/** One HAProxy of a target, by itself: one that hangs must not delay the others. */
export type Proxy = { readonly socket: string; readonly traffic: Pick<TrafficPort, 'readSplit' | 'writeSplit'> };

export const proxiesOf = ({ backend, sockets, servers }: SentinelFile['targets'][string]): readonly Proxy[] =>
  [...new Set(sockets)].map((socket) => ({
    socket,
    traffic: createHaproxyTraffic({ backend, sockets: [socket], servers }),
  }));
