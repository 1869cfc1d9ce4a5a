import type { OpenRelease } from '../core/contract/open-release';
import type { Refusal } from '../core/plan/refusal';
import type { ReleaseState } from '../core/release/state';
import type { Run } from '../ports/run-chain';
import type { KeptRow } from '../ports/store';
import type { Ports } from './ports';
import { askStore, endingOf, readNewestState, readState, runsOf, runsOfRelease } from './release-runs';

const mostKept = 20;

export type Lock = {
  readonly workflowId: string;
  readonly service: string;
  /** The chain that asks: it is not open to itself. */
  readonly ownFirstRunId: string;
};

type Open = { readonly release: string; readonly how: string };

/** What the runs of a release knew before this one, which was cut off before its first task. */
async function stateBefore(ports: Ports, { workflowId, runId, firstRunId }: Run): Promise<ReleaseState | undefined> {
  const runs = await runsOfRelease(ports, workflowId, firstRunId);
  const earlier = runs.filter((run) => run.runId !== runId);
  return (await readNewestState(ports, earlier))?.state;
}

/** What Temporal shows of a run that did not end by itself: whether its release may have left something. */
async function leftBy(ports: Ports, run: Run, kept: readonly KeptRow[] | undefined): Promise<Open | undefined> {
  const own = await readState(ports, run);
  const state = own ?? (await stateBefore(ports, run));
  const release = state?.sealed?.seal.firstRunId ?? run.firstRunId;
  const row = kept?.find((each) => each.release === release);
  if (row?.endedAt !== undefined) return undefined;
  if (own !== undefined && own.snapshot === undefined) return undefined;
  // The store may have been away when it began, so a run that nobody can read has left nothing only if it never did anything.
  const hadNothing = state === undefined ? run.runId === run.firstRunId : state.snapshot === undefined;
  if (hadNothing && row === undefined && !(await ports.runs.hasBegun(run.workflowId, run.runId))) return undefined;
  return { release, how: `its workflow was ${run.status.replace('-', ' ')}` };
}

async function openInTemporal(ports: Ports, lock: Lock, kept?: readonly KeptRow[]): Promise<Open | undefined> {
  for await (const run of runsOf(ports, lock.workflowId, lock.ownFirstRunId)) {
    // What went on in another run is judged by that one.
    if (run.status === 'running' || run.status === 'continued' || run.resetRunId !== undefined) continue;
    if (run.status === 'completed') return undefined;
    const ending = await endingOf(ports, run);
    // A release that was proved restored began after everything before it was over.
    if (ending?.isProved === true) return undefined;
    const left = run.status === 'failed' ? undefined : await leftBy(ports, run, kept);
    if (left !== undefined) return left;
  }
  return undefined;
}

async function openInStore(ports: Ports, lock: Lock, kept: readonly KeptRow[]): Promise<Open | undefined> {
  const newest = kept.find(({ release }) => release !== lock.ownFirstRunId);
  if (newest === undefined || newest.endedAt !== undefined) return undefined;
  const run = await ports.runs.describe(lock.workflowId, newest.release);
  // It came to its end by itself; only the store was not told.
  if (run?.status === 'completed' || run?.status === 'failed') return undefined;
  return {
    release: newest.release,
    how: `its workflow is ${run === undefined ? 'gone' : run.status.replace('-', ' ')}`,
  };
}

/** The release of a service that was cut off and not brought to an end since; by Temporal and by the store, whoever answers. */
export async function findOpenRelease(ports: Ports, lock: Lock): Promise<Open | undefined> {
  const { name } = ports.environment;
  const asked = await askStore(ports, (store) =>
    Promise.all([store.keptReleases(name, lock.service, mostKept), store.role(name, lock.service)]),
  );
  const [kept, role] = 'answer' in asked ? asked.answer : [undefined, undefined];
  const open =
    (kept === undefined ? undefined : await openInStore(ports, lock, kept)) ??
    (await openInTemporal(ports, lock, kept));
  // It was cut off while it tidied up after its promotion: there is nothing to go back to.
  return open === undefined || role?.release === open.release ? undefined : open;
}

/** Whether a release that entered a database may still have to go back to the snapshot that it took there. */
export async function isStillOpen(ports: Ports, { workflowId, service, release }: OpenRelease): Promise<boolean> {
  const latest = await ports.describeRun(workflowId);
  if (latest?.isRunning === true && latest.firstRunId === release) return true;
  const open = await findOpenRelease(ports, { workflowId, service, ownFirstRunId: '' });
  return open?.release === release;
}

/** Why no release may begin: an earlier one is open. */
export async function refuseOverOpen(ports: Ports, lock: Lock): Promise<readonly Refusal[]> {
  const open = await findOpenRelease(ports, lock);
  if (open === undefined) return [];
  const name = `${ports.environment.name}/${lock.service}`;
  return [
    {
      code: 'open-release',
      kind: 'denied',
      message: `Release ${open.release} of ${name} is open: ${open.how}, and what it had changed was not taken back.`,
      fix: `Roll it back to its own snapshot first: spillway recover ${name} --why "…".`,
    },
  ];
}
