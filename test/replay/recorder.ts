import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Fields, Rig, Started } from '../support/release-rig';
import type { Rigs } from '../support/rigs';
import { presentFolder } from './recorded';

const isProcessName = (value: unknown): boolean => typeof value === 'string' && /^\d+@[^@]+$/.test(value);

/** Takes out who recorded it and where: neither is part of what is replayed. */
const anonymous = (key: string, value: unknown): unknown =>
  key === 'stackTrace' ? '' : key === 'identity' || isProcessName(value) ? 'recorder' : value;

/** Writes one run, the latest without `runId`, under a name. */
export async function writeHistory(rig: Rig, name: string, workflowId: string, runId?: string): Promise<void> {
  const history = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const text = JSON.stringify(JSON.parse(historyToJSON(history)), anonymous, 1);
  writeFileSync(join(presentFolder(), `${name}.json`), `${text}\n`);
}
export const over = (started: Started): Promise<unknown> => started.handle.result().catch((error: unknown) => error);
/** Promoted soon. */
export const short: Fields = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };

/** Records the release that `work` brings to its end. */
export const recorderOn =
  (rigs: Rigs) =>
  (name: string, work: (rig: Rig) => Promise<Started>): void =>
    test(
      name,
      rigs.on(async (rig) => {
        const started = await work(rig);
        await over(started);
        await writeHistory(rig, name, started.handle.workflowId);
      }),
    );
