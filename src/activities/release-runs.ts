import type { ReleaseState } from '../core/release/state';
import type { Run } from '../ports/run-chain';
import type { StorePort } from '../ports/store';
import { askWithin, type Asked } from './ask-within';
import type { Ports } from './ports';

/** How far back the runs of a service are looked at. */
const mostRuns = 200;
/** Nothing that turns a release back waits longer for the store. */
const storePatienceMs = 2_000;

/** The runs in which one went on, newest first: Temporal's index may show them late, and what they did must not be missed. */
async function runsAfter(ports: Ports, run: Run): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (let last = run; last.status === 'continued';) {
    const runId = await ports.runs.next(last.workflowId, last.runId);
    const next = runId === undefined ? undefined : await ports.runs.describe(last.workflowId, runId);
    if (next === undefined) break;
    found.unshift(next);
    last = next;
  }
  return found;
}

/** Runs of a workflow id, newest first, without those of one chain. */
export async function* runsOf(ports: Ports, workflowId: string, exceptFirstRunId?: string): AsyncGenerator<Run> {
  const chains = new Set<string>();
  for (const runId of await ports.runs.list(workflowId, mostRuns)) {
    const run = await ports.runs.describe(workflowId, runId);
    if (run === undefined || run.firstRunId === exceptFirstRunId) continue;
    if (!chains.has(run.firstRunId)) yield* await runsAfter(ports, run);
    chains.add(run.firstRunId);
    yield run;
  }
}

/** The runs of one release that Temporal still has, newest first; also those that its index does not show yet. */
export async function runsOfRelease(ports: Ports, workflowId: string, release: string): Promise<readonly Run[]> {
  const found = new Map<string, Run>();
  const open = [release];
  for await (const run of runsOf(ports, workflowId)) if (run.firstRunId === release) open.push(run.runId);
  for (let runId = open.pop(); runId !== undefined; runId = open.pop()) {
    if (found.has(runId)) continue;
    const run = await ports.runs.describe(workflowId, runId);
    if (run === undefined || run.firstRunId !== release) continue;
    found.set(runId, run);
    if (run.resetRunId !== undefined) open.push(run.resetRunId);
  }
  const newestFirst = [...found.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
  const [newest] = newestFirst;
  return newest === undefined ? [] : [...(await runsAfter(ports, newest)), ...newestFirst];
}

const isState = (value: unknown): value is ReleaseState =>
  typeof value === 'object' &&
  value !== null &&
  'phase' in value &&
  'journal' in value &&
  Array.isArray(value.journal) &&
  'stages' in value &&
  Array.isArray(value.stages);

/** The state of a run by its history; undefined when nobody can tell. */
export async function readState(ports: Ports, { workflowId, runId }: Run): Promise<ReleaseState | undefined> {
  const found = await ports.runs.state(workflowId, runId);
  return isState(found) ? found : undefined;
}

/** Each question may wait for a worker that can replay the run. */
const mostRunsAsked = 3;

/** The state of a release as one of its runs has it. */
export type KnownState = {
  readonly state: ReleaseState;
  /** Whether its newest run says so: an earlier one knows nothing of what came after it. */
  readonly isNewest: boolean;
};

/** The newest state that a run of a release can tell; one that was cut off before its first task can tell none. */
export async function readNewestState(ports: Ports, newestFirst: readonly Run[]): Promise<KnownState | undefined> {
  for (const run of newestFirst.slice(0, mostRunsAsked)) {
    const state = await readState(ports, run);
    if (state !== undefined) return { state, isNewest: run === newestFirst[0] };
  }
  return undefined;
}

/** What the store says, or that it does not answer in a moment. */
export const askStore = <T>(
  { store }: Pick<Ports, 'store'>,
  ask: (store: StorePort) => Promise<T>,
): Promise<Asked<T>> => askWithin({ what: 'the store', patienceMs: storePatienceMs }, () => ask(store));

type Ended = {
  readonly ending: string;
  readonly sentence: string;
  readonly isProved: boolean;
  readonly release: unknown;
};

/** How a run came to its end by itself; undefined when it did not, or left no report. */
export async function endingOf(ports: Ports, { workflowId, runId, status }: Run): Promise<Ended | undefined> {
  if (status !== 'completed' && status !== 'failed') return undefined;
  const report = await ports.runs.report(workflowId, runId);
  if (typeof report !== 'object' || report === null) return undefined;
  const text = (key: string): string => {
    const found: unknown = Reflect.get(report, key);
    return typeof found === 'string' ? found : 'unknown';
  };
  const hasProof = (Reflect.get(report, 'proof') ?? null) !== null;
  return {
    ending: text('ending'),
    sentence: text('sentence'),
    isProved: hasProof || text('ending') === 'Promoted',
    release: Reflect.get(report, 'release'),
  };
}
