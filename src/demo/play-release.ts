import { readBundle } from '../descriptor-files/read-bundle';
import { formatIssue } from '../core/descriptor/issue';
import type { ReleaseReport } from '../core/release/report';
import type { SpillwayClient, Started } from '../client';
import { createGatekeeper } from './gatekeeper';
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
// The last sight shows the end, and the workflow closes right after it.
const resultWithinMs = 30_000;

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
    await gatekeeper.settled();
    signal.throwIfAborted();
    const report = await client.result(workflowId, { firstRunId, timeoutMs: resultWithinMs });
    return { started, report, fromMs, toMs: Date.now(), rejections: gatekeeper.rejections() };
  } finally {
    narrator.rest();
  }
}
