import { durationMs } from '../../core/duration';
import type { TargetOf } from '../../core/environment/schema';
import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { ServerState } from './haproxy-reading';
import type { MemberMapOptions } from './haproxy-members';
import type { ProbeOptions } from './haproxy-probe';
import type { HaproxySampler } from './haproxy-sampler';
import type { Servers } from './haproxy-split';

export type HaproxyTarget = {
  readonly backend: string;
  /** Runtime API sockets, one a HAProxy: a path or host:port. */
  readonly sockets: readonly string[];
  /** Server name of each slot. */
  readonly servers: { readonly [S in Slot]: string };
  /** Whether users with an identity are assigned by it; else every request goes by the weights alone. Default `weight`. */
  readonly assignment?: 'weight' | 'identity';
  /** What each HAProxy begins with, one a socket; absent where this process keeps none. */
  readonly stateFiles?: readonly string[];
  readonly cohorts?: MemberMapOptions & { readonly probe: ProbeOptions };
  /** How long one HAProxy may take for one answer. Default 300. */
  readonly timeoutMs?: number;
  /** The sampler of a socket, where several targets share it. Default: one of this target's own, without sharing. */
  readonly sampler?: (socket: string) => HaproxySampler;
};

/** How long one HAProxy may take for one answer, unless told otherwise. */
export const haproxyTimeoutMs = 300;

/** How the adapter sees a target of the environment file. */
export const haproxyTarget = ({
  backend,
  sockets,
  servers,
  assignment,
  stateFiles,
  cohorts,
}: TargetOf<'haproxy'>): HaproxyTarget => ({
  backend,
  sockets,
  servers,
  assignment,
  ...(stateFiles === 'none' ? {} : { stateFiles }),
  ...(cohorts === undefined
    ? {}
    : {
        cohorts: {
          map: cohorts.map,
          writesFile: cohorts.writeFile,
          probe: {
            urls: cohorts.probe.urls,
            slotHeader: cohorts.probe.slotHeader,
            timeoutMs: durationMs(cohorts.probe.timeout),
            ...(cohorts.probe.identity === undefined ? {} : { identity: cohorts.probe.identity }),
            headers: Object.fromEntries(
              Object.entries(cohorts.attributes).map(([attribute, { header }]) => [attribute, header] as const),
            ),
          },
        },
      }),
});

const runtimeName = /^[A-Za-z0-9_.:-]+$/;

/** The line by which HAProxy says no. */
export const firstLine = (answer: string): string => (answer.trim().split('\n')[0] ?? '').slice(0, 200);

/** @throws PortError Rejected when a name could not be sent safely. */
export const checkNames = ({ backend, servers }: HaproxyTarget): void => {
  for (const name of [backend, servers.blue, servers.green])
    if (!runtimeName.test(name))
      throw new PortError(
        'Rejected',
        `"${name}" is no name of a HAProxy backend or server. Correct the environment file.`,
      );
};

/** The servers of both slots, or a Rejected that says what HAProxy answered instead. */
export const pickServers = (
  { backend, servers }: HaproxyTarget,
  found: { readonly [server: string]: ServerState },
  { socket, answer }: { readonly socket: string; readonly answer: string },
): Servers => {
  const blue = found[servers.blue];
  const green = found[servers.green];
  if (blue !== undefined && green !== undefined) return { blue, green };
  const names = Object.keys(found);
  const why =
    names.length > 0
      ? `it has the servers ${names.join(', ')}, not both ${servers.blue} and ${servers.green}`
      : `it says "${firstLine(answer)}"`;
  throw new PortError(
    'Rejected',
    `HAProxy at ${socket} does not show backend ${backend}: ${why}. Correct backend and servers in the environment file, or HAProxy's configuration.`,
  );
};
