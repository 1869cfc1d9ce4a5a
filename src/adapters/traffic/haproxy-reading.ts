import type { SlotState } from '../../core/release/snapshot';
import type { RawCounters } from './haproxy-counters';

/** Weight and state of one server as HAProxy keeps them. */
export type ServerState = { readonly weight: number; readonly state: SlotState };

/** The servers of one backend, by name. */
type BackendReading = {
  readonly servers: { readonly [server: string]: ServerState };
  readonly counters: { readonly [server: string]: RawCounters };
  /** Requests each server is working on. */
  readonly sessions: { readonly [server: string]: number };
  /** Servers in service that its health checks find down. */
  readonly down: ReadonlySet<string>;
};

export type ProcessReading = {
  /** Changes when the process behind the socket does. */
  readonly process: string;
  /** Every backend that was asked for and is there. */
  readonly backends: ReadonlyMap<string, BackendReading>;
};

/** Every way to maintenance but the one from the configuration file, which stays set after `state ready`. */
const maintBits = 0x63;
const drainBits = 0x18;

const number = (text: string | undefined): number => {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
};

/** A server in drain takes nobody new, so its weight counts as zero. */
function serverState(adminState: number, weight: number): ServerState {
  const isDraining = (adminState & drainBits) !== 0;
  const state = (adminState & maintBits) !== 0 ? 'maint' : isDraining ? 'drain' : 'ready';
  return { weight: isDraining ? 0 : weight, state };
}

type Row = { readonly backend: string; readonly server: string; readonly cell: (name: string) => number };

/** Reads the lines below one header; cells behind the last wanted column are never looked at. */
function openTable(header: string, separator: string, wanted: readonly string[]): (line: string) => Row | undefined {
  const names = header.slice(2).split(separator);
  const places = new Map(wanted.map((name) => [name, names.indexOf(name)] as const));
  const [backend = -1, server = -1] = [...places.values()];
  const most = 1 + Math.max(...places.values());
  return (line) => {
    const cells = line.split(separator, most);
    const [of, name] = [cells[backend], cells[server]];
    if (of === undefined || name === undefined) return undefined;
    return { backend: of, server: name, cell: (column) => number(cells[places.get(column) ?? -1]) };
  };
}

const stateColumns = ['be_name', 'srv_name', 'srv_op_state', 'srv_admin_state', 'srv_uweight'] as const;
/** What a server in maint shows too. */
const stopped = 0;
const answerColumns = ['hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'] as const;
const counterColumns = ['pxname', 'svname', 'scur', ...answerColumns, 'econ', 'eresp', 'srv_abrt', 'wredis'] as const;

const countersOf = ({ cell }: Row): RawCounters => ({
  answers: answerColumns.reduce((sum, column) => sum + cell(column), 0),
  answers5xx: cell('hrsp_5xx'),
  econ: cell('econ'),
  eresp: cell('eresp'),
  srvAbrt: cell('srv_abrt'),
  wredis: cell('wredis'),
});

type Growing = {
  servers: { [server: string]: ServerState };
  counters: { [server: string]: RawCounters };
  sessions: { [server: string]: number };
  down: Set<string>;
};

/** Reads the joined answers of any number of `show servers state …` and `show stat …`, and of `show info`. */
export function parseReading(answer: string): ProcessReading {
  const backends = new Map<string, Growing>();
  const growing = (name: string): Growing => {
    const known = backends.get(name);
    if (known !== undefined) return known;
    const fresh: Growing = { servers: {}, counters: {}, sessions: {}, down: new Set() };
    backends.set(name, fresh);
    return fresh;
  };
  let take: ((line: string) => void) | undefined;
  for (const line of answer.split('\n')) {
    if (line === '') take = undefined;
    else if (line.startsWith('# be_id ')) {
      const read = openTable(line, ' ', stateColumns);
      take = (text) => {
        const row = read(text);
        if (row === undefined) return;
        const { servers, down } = growing(row.backend);
        const found = serverState(row.cell('srv_admin_state'), row.cell('srv_uweight'));
        servers[row.server] = found;
        if (found.state === 'ready' && row.cell('srv_op_state') === stopped) down.add(row.server);
      };
    } else if (line.startsWith('# pxname,')) {
      const read = openTable(line, ',', counterColumns);
      take = (text) => {
        const row = read(text);
        if (row === undefined) return;
        const { counters, sessions } = growing(row.backend);
        counters[row.server] = countersOf(row);
        sessions[row.server] = row.cell('scur');
      };
    } else take?.(line);
  }
  const process = ['Pid', 'Start_time_sec']
    .map((name) => new RegExp(`^${name}: *(.*)$`, 'm').exec(answer)?.[1] ?? '')
    .join('@');
  return { process, backends };
}
