import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { isShared, splitCommands, weightCommands } from './haproxy-commands';
import { createCounterKeeper, noCounters } from './haproxy-counters';
import { parseReading } from './haproxy-reading';
import { createHaproxySampler } from './haproxy-sampler';
import { askHaproxy } from './haproxy-socket';
import { decodeShares, describeSplit, isSameServers, weightsOf, type Servers, type Weights } from './haproxy-split';
import { firstLine, haproxyTimeoutMs, pickServers, type HaproxyTarget } from './haproxy-target';

const slots = ['blue', 'green'] as const;

/** One HAProxy in front of both slots. */
export type Proxy = {
  readonly socket: string;
  writeSplit(wanted: Servers): Promise<void>;
  writeWeights(wanted: Weights, falling?: Slot): Promise<void>;
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
  /** What was found before decides about the order of the writes, or whether there is one. */
  readonly isOrdered: boolean;
  /** A slot that must not get more than it has. */
  readonly falling?: { readonly slot: Slot; readonly to: Weights } | undefined;
  readonly commands: (found: Servers | undefined) => string;
  readonly isShown: (found: Servers) => boolean;
};

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
  const refuseToRaise = (slot: Slot, wanted: Weights, before: Servers): void => {
    const shown = decodeShares(weightsOf(before))[slot];
    if (shown >= decodeShares(wanted)[slot]) return;
    throw new PortError(
      'NotConverged',
      `HAProxy at ${socket} shows ${shown} % on ${slot} of backend ${backend}, less than what was to be written: somebody lowered it meanwhile, and nothing was changed.`,
    );
  };
  const readBefore = async (): Promise<Servers> => {
    const askedAtMs = performance.now();
    const before = await readServers();
    if (performance.now() - askedAtMs <= timeoutMs) return before;
    // Whoever ordered the write knew that it was still wanted, but that is long ago now.
    throw new PortError('TargetUnavailable', `this process stood still before it wrote to HAProxy at ${socket}.`);
  };
  const write = async ({ wanted, isOrdered, falling, commands, isShown }: Change): Promise<void> => {
    const before = isOrdered ? await readBefore() : undefined;
    if (falling !== undefined && before !== undefined) refuseToRaise(falling.slot, falling.to, before);
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
  // Who is assigned by identity would change the version for the moment in which a server is out of the cycle.
  const named = { name: backend, servers, isAnew: target.assignment !== 'identity' };
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
        isOrdered: isShared(weightsOf(wanted)),
        commands: (found) => splitCommands(named, wanted, found),
        isShown: (found) => isSameServers(found, wanted),
      }),
    writeWeights: (wanted, falling) =>
      write({
        wanted: `blue ${wanted.blue}, green ${wanted.green}`,
        isOrdered: isShared(wanted),
        falling: falling === undefined ? undefined : { slot: falling, to: wanted },
        commands: (found) => weightCommands(named, wanted, found),
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
