import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { descriptorSchema } from '../../src/core/descriptor/schema';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { requirePromoted, startRelease } from '../release-run';

const bar = 120;
const bakes = { short: '2s', longer: '8s' } as const;

async function countEvents(bench: Bench, bakeTime: string): Promise<number> {
  const checked = descriptorSchema.parse(parse(await readFile(join(__dirname, '..', 'six-stage.yaml'), 'utf8')));
  const run = await startRelease(bench, {
    ...checked,
    version: bench.nextVersion(),
    stages: checked.stages.map((stage) => ({ ...stage, bakeTime })),
    fullExposure: { ...checked.fullExposure, rollbackWindow: bakeTime },
  });
  for (const gate of Object.keys(checked.gates)) {
    await run.atGate(gate);
    await run.approve(gate);
  }
  requirePromoted(await run.end());
  const { events } = await bench.temporal.workflow.getHandle(run.workflowId, run.firstRunId).fetchHistory();
  return events?.length ?? 0;
}

/** Events in the history of a six-step release, and whether waiting longer adds any. */
export async function measureEvents(bench: Bench): Promise<Outcome> {
  const [short, longer] = await underLoad(bench, { requestsPerSecond: 400 }, async () => [
    await countEvents(bench, bakes.short),
    await countEvents(bench, bakes.longer),
  ]);
  bench.say(`events: ${short} with bakes of ${bakes.short}, ${longer} with bakes of ${bakes.longer}`);
  if (short === undefined || longer === undefined) throw new Error('no history was read');
  return {
    figures: { events: { [bakes.short]: short, [bakes.longer]: longer } },
    rows: [
      {
        what: 'history events of bench/six-stage.yaml (six steps, two approvals)',
        measured: `${short} with bakes of ${bakes.short}, ${longer} with bakes of ${bakes.longer}`,
        bar: `≤ ${bar}, equal`,
        isMet: Math.max(short, longer) <= bar && short === longer,
      },
    ],
    isWhole: true,
  };
}
