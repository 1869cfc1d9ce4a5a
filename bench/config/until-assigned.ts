import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../src/stack/haproxy';
import type { Bench } from '../bench';
import { parseWeights, shareOf, type Slot } from '../weights';
import type { Step } from './assigned';
import { membersOf, readMembers } from './member-map';

const patienceMs = 60_000;
const lookEveryMs = 20;

/** Asks HAProxy until it shows the weights and the members of a step, to the last place. @throws Error after a minute. */
export async function untilAssigned(bench: Bench, step: Step, canary: Slot): Promise<void> {
  const wanted = membersOf(step.members, canary);
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const weights = parseWeights(await askHaproxy(bench.socketPath, 'show servers state shop'));
    const members = await readMembers(bench);
    if (Math.abs(shareOf(weights, canary) - step.percent) < 0.001 && members === wanted) return;
    if (performance.now() > deadlineMs)
      throw new Error(
        `HAProxy did not get to ${step.name} in ${patienceMs / 1_000} s: ${JSON.stringify(weights)} ${members}`,
      );
    await sleep(lookEveryMs);
  }
}
