import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { isShared, splitCommands, weightCommands } from './haproxy-commands';
import { createCounterKeeper, noCounters } from './haproxy-counters';
import { parseReading, type ServerState } from './haproxy-reading';
import { createHaproxySampler, type HaproxySampler } from './haproxy-sampler';
import { askHaproxy } from './haproxy-socket';
import { describeSplit, isSameSplit, type Servers, type Weights } from './haproxy-split';

export type HaproxyTarget = {
  readonly backend: string;
  /** Runtime API sockets, one a HAProxy: a path or host:port. */
  readonly sockets: readonly string[];
  /** Server name of each slot. */
  readonly servers: { readonly [S in Slot]: string };
  /** How long one HAProxy may take for one answer. Default 300. */
  readonly timeoutMs?: number;
  /** The sampler of a socket, where several targets share it. Default: one of this target's own, without sharing. */
  readonly sampler?: (socket: string) => HaproxySampler;
};

/** How long one HAProxy may take for one answer, unless told otherwise. */
export const haproxyTimeoutMs = 300;

const slots = ['blue', 'green'] as const;
const runtimeName = /^[A-Za-z0-9_.:-]+$/;
const firstLine = (answer: string): string => (answer.trim().split('\n')[0] ?? '').slice(0, 200);

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
const pickServers = (
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

/** One HAProxy in front of both slots. */
export type Proxy = {
  readonly socket: string;
  writeSplit(wanted: Servers): Promise<void>;
  writeWeights(wanted: Weights): Promise<void>;
  readServers(): Promise<Servers>;
  read(): Promise<Servers>;
  readonly keeper: ReturnType<typeof createCounterKeeper>;
  /** As last read. */
  sessions(): { readonly [S in Slot]: number };
  /** As last read. */
  down(): readonly Slot[];
  /** As last read. */
  process(): string;
  /** What the last read was read from: the same object for all who share it. */
  source(): unknown;
};

type Change = {
  /** For people. */
  readonly wanted: string;
  /** What was found before decides about the order of the writes. */
  readonly isOrdered: boolean;
  readonly commands: (found: Servers | undefined) => string;
  readonly isShown: (found: Servers) => boolean;
};

const weightsOf = ({ blue, green }: Servers): Weights => ({ blue: blue.weight, green: green.weight });

/** Writes and reads one HAProxy of a target. @throws PortError as the port. */
export const createProxy = (target: HaproxyTarget, socket: string): Proxy => {
  const { backend, servers, timeoutMs = haproxyTimeoutMs } = target;
  const sampler = target.sampler?.(socket) ?? createHaproxySampler({ socket, timeoutMs });
  const keeper = createCounterKeeper();
  let sessions = { blue: 0, green: 0 };
  let down: readonly Slot[] = [];
  let lastProcess = '';
  let source: unknown;
  const ask = (command: string) => askHaproxy({ socket, command, timeoutMs });

  const readServers = async (): Promise<Servers> => {
    const answer = await ask(`show servers state ${backend}`);
    return pickServers(target, parseReading(answer).backends.get(backend)?.servers ?? {}, { socket, answer });
  };
  const send = async (commands: string): Promise<Servers> => {
    const refusal = firstLine(await ask(commands));
    if (refusal === '') return readServers();
    throw new PortError(
      'Rejected',
      `HAProxy at ${socket} refuses to set backend ${backend}: "${refusal}". The socket needs "level admin", and backend and server names must be those of HAProxy's configuration.`,
    );
  };
  const write = async ({ wanted, isOrdered, commands, isShown }: Change): Promise<void> => {
    const before = isOrdered ? await readServers() : undefined;
    const sentAtMs = performance.now();
    const after = await send(commands(before));
    if (isShown(after)) return;
    // A process that stood still in between does not know what became of its write; whoever asked for it asks again.
    const isRecent = performance.now() - sentAtMs < timeoutMs;
    const found = isRecent ? await send(commands(after)) : await readServers();
    if (isShown(found)) return;
    throw new PortError(
      'NotConverged',
      `HAProxy at ${socket} shows backend ${backend} as ${describeSplit(found)} right after ${wanted} was written twice (HAProxy weights). Look for another writer: an agent check, a second release engine or a reload loop.`,
    );
  };
  const named = { name: backend, servers };
  return {
    socket,
    keeper,
    sessions: () => sessions,
    down: () => down,
    process: () => lastProcess,
    source: () => source,
    readServers,
    writeSplit: (wanted) =>
      write({
        wanted: describeSplit(wanted),
        isOrdered: isShared({ blue: wanted.blue.weight, green: wanted.green.weight }),
        commands: (found) => splitCommands(named, wanted, found),
        isShown: (found) => isSameSplit(found, wanted),
      }),
    writeWeights: (wanted) =>
      write({
        wanted: `blue ${wanted.blue}, green ${wanted.green}`,
        isOrdered: isShared(wanted),
        commands: (found) => weightCommands(named, wanted, found && weightsOf(found)),
        isShown: ({ blue, green }) => blue.weight === wanted.blue && green.weight === wanted.green,
      }),
    async read() {
      const reading = await sampler.read(backend);
      const { process, backends } = reading;
      source = reading;
      const found = backends.get(backend);
      // What is not there, a question of its own explains.
      if (found?.servers[servers.blue] === undefined || found.servers[servers.green] === undefined)
        return readServers();
      lastProcess = process;
      const picked = pickServers(target, found.servers, { socket, answer: '' });
      sessions = { blue: found.sessions[servers.blue] ?? 0, green: found.sessions[servers.green] ?? 0 };
      down = slots.filter((slot) => found.down.has(servers[slot]));
      const of = (slot: Slot) => found.counters[servers[slot]] ?? noCounters;
      keeper.add({ process, counters: { blue: of('blue'), green: of('green') } });
      return picked;
    },
  };
};
