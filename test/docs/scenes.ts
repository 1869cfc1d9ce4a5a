import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { connectClient } from '../../src/client';
import type { ReleaseState } from '../../src/core/release/state';
import { until } from '../support/until';
import type { Sandbox, Trial } from './trial';

/** What has to be so before the block of that number is run. */
export type Scene = (trial: Trial, sandbox: Sandbox) => Promise<void>;

const release = (version: string, rest: string): string => `apiVersion: spillway/v1
service: shop
version: '${version}'
environment: local
hypothesis: { change: something, keep: the rest }
owners: { lead: docs }
${rest}`;

const good = release(
  '2.1.0',
  `stages: [{ canaryPercent: 25, bakeTime: 2s, minRequests: 20 }]
fullExposure: { gate: go, rollbackWindow: 2s, minRequests: 20 }
gates: { go: { approvals: 1 } }
`,
);

const flagged = release(
  '2.2.0',
  `stages: [{ canaryPercent: 25, bakeTime: 10m }]
flags: [{ flag: new-checkout, value: true }]
`,
);

const workflowId = 'release/local/shop';
const stuckEffect = 'flag/shop-flags/new-checkout';

async function eventually(trial: Trial, claim: string, isSo: (state: ReleaseState) => boolean): Promise<void> {
  const client = await connectClient({ env: trial.env });
  try {
    await until(claim, async () => isSo(await client.state(workflowId)), 60_000);
  } finally {
    await client.close();
  }
}

const flagsOf = ({ runDirectory }: Trial): string => join(runDirectory, 'flags.json');
const compensationOf = (state: ReleaseState) => state.compensations[stuckEffect];

async function makeStuck(trial: Trial, sandbox: Sandbox): Promise<void> {
  await writeFile(join(sandbox.directory, 'release.yaml'), flagged);
  await sandbox.run([{ line: 'npx spillway start release.yaml', endsWith: 0 }]);
  await eventually(trial, 'users are sent to it', ({ stage }) => stage === 'expose-25');
  await writeFile(join(sandbox.directory, 'flags.json'), await readFile(flagsOf(trial)));
  await writeFile(flagsOf(trial), 'no JSON');
  await sandbox.run([{ line: 'npx spillway abort shop --why "a trial"', endsWith: 0 }]);
  await eventually(trial, 'the rollback is stuck', ({ phase }) => phase === 'RollbackIncomplete');
}

/** Right after an attempt of the release's own, so that the next one does not come before the page's. */
async function mend(trial: Trial, sandbox: Sandbox): Promise<void> {
  let first: number | undefined;
  await eventually(trial, 'it was tried again by itself', (state) => {
    const { status, startedAtMs } = compensationOf(state) ?? {};
    first ??= startedAtMs;
    return status === 'stuck' && startedAtMs !== first;
  });
  await writeFile(flagsOf(trial), await readFile(join(sandbox.directory, 'flags.json')));
}

/** Users are sent to it, and somebody terminates its workflow. */
async function cutOff(trial: Trial, sandbox: Sandbox): Promise<void> {
  await writeFile(join(sandbox.directory, 'release.yaml'), flagged.replace('2.2.0', '2.3.0'));
  await sandbox.run([{ line: 'npx spillway start release.yaml', endsWith: 0 }]);
  await eventually(trial, 'users are sent to it', ({ stage }) => stage === 'expose-25');
  const connection = await Connection.connect({ address: trial.env['TEMPORAL_ADDRESS'] ?? '' });
  await new Client({ connection }).workflow.getHandle(workflowId).terminate('wrong key');
  await connection.close();
}

/** Scenes by page, then by the number of the `sh` block, from 0. */
export const scenes: { readonly [page: string]: { readonly [block: number]: Scene } } = {
  'docs/how-to/release-from-ci.md': {
    0: (_trial, { directory }) => writeFile(join(directory, 'release.yaml'), good),
  },
  'docs/how-to/recover-a-release.md': { 0: cutOff },
  'docs/how-to/when-a-rollback-is-stuck.md': { 0: makeStuck, 1: mend },
};
