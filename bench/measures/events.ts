import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { descriptorSchema } from '../../src/core/descriptor/schema';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { requirePromoted, startRelease } from '../release-run';

const bar = 120;
const bakes = { short: '2s', longer: '8s' } as const;

/** Events by type, with the name of what was called. Messages that come together share a workflow task, so only the others are sure to repeat. */
type Tally = { readonly steady: number; readonly events: number; readonly byType: { readonly [type: string]: number } };

async function countEvents(bench: Bench, bakeTime: string): Promise<Tally> {
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
  const byType: { [type: string]: number } = {};
  for (const event of events ?? []) {
    const [kind = ''] = Object.keys(event).filter((key) => key.endsWith('EventAttributes'));
    const called =
      event.workflowExecutionSignaledEventAttributes?.signalName ??
      event.activityTaskScheduledEventAttributes?.activityType?.name;
    const name = [kind.replace('EventAttributes', ''), called].filter((part) => typeof part === 'string').join(' ');
    byType[name] = (byType[name] ?? 0) + 1;
  }
  const tasks = Object.entries(byType).reduce(
    (sum, [type, count]) => sum + (type.startsWith('workflowTask') ? count : 0),
    0,
  );
  const all = events?.length ?? 0;
  return { events: all, steady: all - tasks, byType };
}

/** Events in the history of a six-step release, and whether waiting longer adds any. */
export async function measureEvents(bench: Bench): Promise<Outcome> {
  const [short, longer] = await underLoad(bench, { requestsPerSecond: 400 }, async () => [
    await countEvents(bench, bakes.short),
    await countEvents(bench, bakes.longer),
  ]);
  if (short === undefined || longer === undefined) throw new Error('no history was read');
  bench.say(`events: ${JSON.stringify({ short, longer })}`);
  return {
    figures: { [bakes.short]: short, [bakes.longer]: longer },
    rows: [
      {
        what: 'history events of bench/six-stage.yaml (six steps, two approvals)',
        measured: `${short.events} with bakes of ${bakes.short}, ${longer.events} with bakes of ${bakes.longer}; without workflow tasks ${short.steady} and ${longer.steady}`,
        bar: `≤ ${bar}; without workflow tasks equal`,
        isMet: Math.max(short.events, longer.events) <= bar && short.steady === longer.steady,
      },
    ],
    isWhole: true,
  };
}
