import { capacityGap } from '../../core/release/capacity';
import { addCount, requestRate, type CountAt } from '../../core/release/request-rate';
import type { Slot } from '../../core/plan/effects';
import type { DeployerPort, SlotStatus } from '../../ports/deployer';
import { PortError } from '../../ports/errors';
import type { TrafficReading } from '../../ports/traffic';

const askEveryMs = 3_000;
const askSoonMs = 1_000;
/** A load around the capacity would change the answer again and again: it must suffice for so many answers. */
const enoughAnswers = 2;
/** For so long an answer holds while the platform cannot be asked. */
const oldestAnswerMs = 30_000;

export type AskedBaseline = { readonly deployer: DeployerPort; readonly slot: Slot; readonly service: string };

/** Asks the platform beside the watch whether the baseline could take all of its users back. */
export function createCapacityPoll({ deployer, slot, service }: AskedBaseline, nowMs: () => number) {
  let counts: readonly CountAt[] = [];
  let heardAtMs = nowMs();
  let nextAskMs = heardAtMs;
  let isAsking = false;
  let silence = '';
  let gap: string | undefined;
  let enough = 0;
  let bug: { readonly error: unknown } | undefined;

  function take(status: SlotStatus): void {
    heardAtMs = nowMs();
    // In the first second no load is measured, and the preflight has just asked.
    const found = capacityGap(status, { percent: 100, loadRps: requestRate(counts) });
    enough = found === undefined ? enough + 1 : 0;
    if (found !== undefined || enough >= enoughAnswers) gap = found;
  }

  async function ask(): Promise<void> {
    isAsking = true;
    try {
      take(await deployer.status(slot, service));
    } catch (error) {
      if (error instanceof PortError) silence = error.message.slice(0, 200);
      else bug = { error };
    } finally {
      isAsking = false;
      nextAskMs = nowMs() + (requestRate(counts) === undefined ? askSoonMs : askEveryMs);
    }
  }

  return {
    /** Why the baseline could not take all users back, said of it; undefined while it could. */
    look(traffic: TrafficReading | undefined): string | undefined {
      if (bug !== undefined) throw bug.error;
      const atMs = nowMs();
      if (traffic !== undefined) {
        const { blue, green } = traffic.counters;
        counts = addCount(counts, { atMs, requests: blue.requests + green.requests });
      }
      if (!isAsking && atMs >= nextAskMs) void ask();
      return atMs - heardAtMs > oldestAnswerMs ? `cannot be asked for its capacity: ${silence || 'no answer'}` : gap;
    },
  };
}
