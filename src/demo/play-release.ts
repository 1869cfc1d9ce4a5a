import { readBundle } from '../descriptor-files/read-bundle';
import { formatIssue } from '../core/descriptor/issue';
import type { ReleaseReport } from '../core/release/report';
import type { ReleaseState } from '../core/release/state';
import type { SpillwayClient, Started } from '../client';
import { unlessInterrupted } from './interruption';
import type { Narrator } from './narrator';

/** What is needed to play a release in front of somebody. */
export type Stage = {
  readonly client: SpillwayClient;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  /** Who starts and approves. */
  readonly by: string;
};

/** A release that was played to its end. Times are epoch milliseconds. */
export type Played = {
  readonly started: Started;
  readonly report: ReleaseReport;
  readonly fromMs: number;
  readonly toMs: number;
  /** How many approvals the person refused. */
  readonly rejections: number;
};

export type Scene = {
  readonly descriptor: string;
  readonly environment: string;
  readonly service: string;
  readonly onStarted: (started: Started) => void;
};

const lookEveryMs = 250;

const openGate = ({ gates, failure }: ReleaseState): string | undefined =>
  failure === undefined
    ? Object.entries(gates).find(([, gate]) => gate.approvals.length === 0 && gate.rejection === undefined)?.[0]
    : undefined;

/** Puts the question of a gate once and carries the answer out. */
function createGatekeeper({ client, narrator, by, signal }: Stage, workflowId: string) {
  const asked = new Map<string, Promise<void>>();
  let pending: AbortController | undefined;
  let rejections = 0;

  async function decide(gate: string, version: string): Promise<void> {
    pending = new AbortController();
    const question = `Approve ${gate.replaceAll('-', ' ')} of ${version}?`;
    const isYes = await narrator.confirm(question, AbortSignal.any([signal, pending.signal])).finally(() => {
      pending = undefined;
    });
    const person = { gate, by, why: isYes ? 'it looks right' : 'answered no at the terminal' };
    if (isYes) await client.approve(workflowId, person);
    else {
      rejections += 1;
      await client.reject(workflowId, person);
    }
  }

  return {
    isAsking: () => pending !== undefined,
    rejections: () => rejections,
    look(state: ReleaseState) {
      const gate = openGate(state);
      if (gate !== undefined && !asked.has(gate)) asked.set(gate, decide(gate, state.sealed?.plan.version ?? ''));
      // The release turned back while the question was open: there is nothing left to approve.
      if (gate === undefined) pending?.abort();
    },
    settled: () => Promise.all(asked.values()),
  };
}

/** Starts a release, shows it until it ends, and asks for its approvals. */
export async function playRelease(stage: Stage, scene: Scene): Promise<Played> {
  const { client, narrator, signal, by } = stage;
  const bundle = await readBundle(scene.descriptor);
  if (!bundle.ok) throw new Error(bundle.issues.map((issue) => formatIssue(issue)).join('\n'));
  const fromMs = Date.now();
  const { environment, service } = scene;
  const started = await client.start({ bundle: bundle.bundle, environment, service, requestedBy: by });
  scene.onStarted(started);
  const { workflowId, firstRunId } = started;
  const gatekeeper = createGatekeeper(stage, workflowId);
  try {
    for await (const sight of client.follow(workflowId, { firstRunId, everyMs: lookEveryMs, signal })) {
      if (sight.kind !== 'state') continue;
      if (!gatekeeper.isAsking()) narrator.show(workflowId, sight);
      gatekeeper.look(sight.state);
      // A failed decision ends the demo here and not when nobody looks any more.
      if (!gatekeeper.isAsking()) await gatekeeper.settled();
    }
    const report = await unlessInterrupted(signal, client.result(workflowId, { firstRunId }));
    return { started, report, fromMs, toMs: Date.now(), rejections: gatekeeper.rejections() };
  } finally {
    narrator.rest();
  }
}
