import type { RawCounters } from './haproxy-counters';

/** Weight and state of one server as HAProxy keeps them. */
export type ServerState = { readonly weight: number; readonly state: 'ready' | 'maint' };

export type ProcessReading = {
  /** Changes when the process behind the socket does. */
  readonly process: string;
  readonly servers: { readonly [server: string]: ServerState };
  readonly counters: { readonly [server: string]: RawCounters };
};

/** Every way to maintenance but the one from the configuration file, which stays set after `state ready`. */
const maintBits = 0x63;
const drainBits = 0x18;

const number = (text: string | undefined): number => {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
};

/** Rows after the line that starts with `# first`, up to an empty line, keyed by the names in that line. */
const parseTable = (answer: string, first: string, separator: string): readonly Map<string, string>[] => {
  const lines = answer.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`# ${first}${separator}`));
  if (start < 0) return [];
  const names = (lines[start] ?? '').slice(2).split(separator);
  const end = lines.indexOf('', start);
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) => {
    const cells = line.split(separator);
    return new Map(names.map((name, index) => [name, cells[index] ?? '']));
  });
};

/** Reads `show servers state`. A server in drain takes nobody new, so its weight counts as zero. */
export const parseServers = (answer: string): { readonly [server: string]: ServerState } =>
  Object.fromEntries(
    parseTable(answer, 'be_id', ' ').map((row) => {
      const admin = number(row.get('srv_admin_state'));
      const weight = (admin & drainBits) === 0 ? number(row.get('srv_uweight')) : 0;
      return [row.get('srv_name') ?? '', { weight, state: (admin & maintBits) === 0 ? 'ready' : 'maint' }];
    }),
  );

const parseCounters = (answer: string): { readonly [server: string]: RawCounters } =>
  Object.fromEntries(
    parseTable(answer, 'pxname', ',').map((row) => {
      const of = (name: string) => number(row.get(name));
      const counters: RawCounters = {
        answers: of('hrsp_2xx') + of('hrsp_3xx') + of('hrsp_4xx') + of('hrsp_5xx') + of('hrsp_other'),
        answers5xx: of('hrsp_5xx'),
        econ: of('econ'),
        eresp: of('eresp'),
        srvAbrt: of('srv_abrt'),
        wredis: of('wredis'),
      };
      return [row.get('svname') ?? '', counters];
    }),
  );

/** Reads the joined answer of `show servers state BACKEND;show stat BACKEND 4 -1;show info`. */
export const parseReading = (answer: string): ProcessReading => ({
  process: ['Pid', 'Start_time_sec']
    .map((name) => new RegExp(`^${name}: *(.*)$`, 'm').exec(answer)?.[1] ?? '')
    .join('@'),
  servers: parseServers(answer),
  counters: parseCounters(answer),
});
