import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { ReleaseReport } from '../src/core/release/report';
import type { ReleaseState } from '../src/core/release/state';
import type { descriptorSchema } from '../src/core/descriptor/schema';
import { readBundle } from '../src/descriptor-files/read-bundle';
import { askHaproxy } from '../src/stack/haproxy';
import { shopDirectory } from '../src/stack/shop';
import type { Bench } from './bench';
import { parseWeights, shareOf, waitForWeights, type Slot } from './weights';

export type Descriptor = z.input<typeof descriptorSchema>;

/** A release under way, and which slot its canary is in. */
export type ReleaseRun = {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly canary: Slot;
  readonly baseline: Slot;
  readonly canaryUrl: string;
  readonly baselineUrl: string;
  state(): Promise<ReleaseState>;
  /** Waits until the gate is open for decisions. */
  atGate(gate: string): Promise<void>;
  approve(gate: string): Promise<void>;
  /** Sends the abort and waits until the release says that it turned back. */
  abort(): Promise<void>;
  /** Waits until HAProxy shows this share of the canary, in percent; the time of that answer. */
  atShare(percent: number, options?: { readonly everyMs?: number }): Promise<number>;
  end(timeoutMs?: number): Promise<ReleaseReport>;
};

const person = { by: 'benchmark', why: 'measuring' };
const pollMs = 25;

/** Fills in what every descriptor of the benchmarks has in common. */
export const describeRelease = (bench: Bench, part: Pick<Descriptor, 'stages'> & Partial<Descriptor>): Descriptor => ({
  apiVersion: 'spillway/v1',
  service: 'shop',
  version: bench.nextVersion(),
  environment: bench.embedded.name,
  hypothesis: { change: 'nothing: a benchmark', keep: 'everything' },
  owners: { lead: 'benchmark' },
  rollback: { backInBand: '1s' },
  ...part,
});

async function bundleOf(bench: Bench, descriptor: Descriptor) {
  const folder = join(bench.embedded.stack.runDirectory, `bench-${descriptor.version}`);
  await mkdir(folder, { recursive: true });
  await cp(join(shopDirectory, 'db'), join(folder, 'db'), { recursive: true });
  const path = join(folder, 'release.yaml');
  await writeFile(path, stringify(descriptor, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }));
  const read = await readBundle(path);
  if (!read.ok) throw new Error(`a descriptor of the benchmark is wrong: ${JSON.stringify(read.issues)}`);
  return read.bundle;
}

/** The slot that serves everybody, as the next release's baseline, and the other one. */
export async function readRoles({ socketPath }: Bench): Promise<{ readonly baseline: Slot; readonly canary: Slot }> {
  const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
  const baseline: Slot = shareOf(weights, 'blue') === 100 ? 'blue' : 'green';
  if (shareOf(weights, baseline) !== 100) throw new Error(`traffic is not at rest: ${JSON.stringify(weights)}`);
  return { baseline, canary: baseline === 'blue' ? 'green' : 'blue' };
}

/** Starts a release of the shop; the slot that serves everybody is its baseline. */
export async function startRelease(bench: Bench, descriptor: Descriptor): Promise<ReleaseRun> {
  const { client, embedded, socketPath } = bench;
  const bundle = await bundleOf(bench, descriptor);
  const { baseline, canary } = await readRoles(bench);
  const { workflowId, firstRunId } = await client.start({
    bundle,
    environment: embedded.name,
    service: 'shop',
    requestedBy: 'benchmark',
  });
  const state = () => client.state(workflowId);
  const urlOf = (slot: Slot): string => `http://${embedded.stack.slots[slot]}`;
  return {
    workflowId,
    firstRunId,
    canary,
    baseline,
    canaryUrl: urlOf(canary),
    baselineUrl: urlOf(baseline),
    state,
    atGate: (gate) => waitForGate(state, gate),
    approve: async (gate) => void (await client.approve(workflowId, { ...person, gate })),
    abort: async () => void (await client.abort(workflowId, person)),
    atShare: (percent, options) =>
      waitForWeights(socketPath, (found) => Math.abs(shareOf(found, canary) - percent) < 0.3, options),
    end: (timeoutMs = 90_000) => client.result(workflowId, { firstRunId, timeoutMs }),
  };
}

async function waitForGate(state: () => Promise<ReleaseState>, gate: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { stage, gates, failure, watch } = await state();
    if (failure !== undefined) throw new Error(`the release turned back: ${failure.reason}`);
    if (stage === `gate-${gate}` && gates[gate] !== undefined) return;
    if (Date.now() > deadline) throw new Error(`gate ${gate} did not open; at ${stage}: ${watch?.reason}`);
    await sleep(pollMs);
  }
}

/** A release that a failed measure left behind must not stand in the way of the next one. */
export async function clearAway(bench: Bench): Promise<void> {
  const { client } = bench;
  for (const { workflowId } of await client.list({ environment: bench.embedded.name, kind: 'release' })) {
    await client.abort(workflowId, person);
    await client.result(workflowId, { timeoutMs: 60_000 });
  }
}

/** Throws unless the release was undone and the undoing proved. */
export function requireProof({ ending, proof, sentence }: ReleaseReport, wanted: 'RolledBack' | 'Aborted'): void {
  if (ending !== wanted || proof?.isRestored !== true)
    throw new Error(`wanted ${wanted} with proof, found ${ending}: ${sentence} ${JSON.stringify(proof)}`);
}

export function requirePromoted({ ending, sentence, failure }: ReleaseReport): void {
  if (ending !== 'Promoted') throw new Error(`wanted Promoted, found ${ending}: ${failure?.reason ?? sentence}`);
}
