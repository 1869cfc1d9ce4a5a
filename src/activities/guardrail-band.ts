import { formatDuration } from '../core/duration';
import type { Slot } from '../core/plan/effects';
import type { Plan } from '../core/plan/plan';
import {
  bandRules,
  type BandRule,
  type GuardrailReading,
  type GuardrailReadings,
} from '../core/release/guardrail-band';
import { readSlot, type SlotReading } from './observe/prometheus-readings';
import type { Ports } from './ports';

/** How far back the snapshot looks: long enough for a rate, short enough to be of now. */
const beforeMs = 60_000;
/** Longest that a preflight or a proof waits for metrics, however they hang. */
const patienceMs = 3_000;
const againMs = 250;

type Missing = Extract<GuardrailReading, { kind: 'missing' }>;
const missing = (reason: Missing['reason'], detail: string): Missing => ({ kind: 'missing', reason, detail });

async function readAll(
  { metrics }: Pick<Plan, 'metrics'>,
  read: (rule: BandRule) => Promise<GuardrailReading>,
): Promise<GuardrailReadings> {
  const found = bandRules(metrics).map(async (rule) => [rule.name, await read(rule)] as const);
  return Object.fromEntries(await Promise.all(found));
}

/** One reading by a moment: what hangs, or what this worker cannot even ask, is missing and never an error. */
async function readBy(
  ports: Ports,
  rule: BandRule,
  slot: Slot,
  { sinceMs, byMs }: { readonly sinceMs: number; readonly byMs: number },
): Promise<SlotReading> {
  const none = (lacks: Missing): SlotReading => ({ reading: lacks, untilMs: -Infinity });
  const asked = async (): Promise<SlotReading> => readSlot(ports.metrics(rule.target), rule, slot, sinceMs);
  const late = ports
    .sleep(Math.max(0, byMs - ports.now()))
    .then(() => none(missing('unreachable', `no answer within ${formatDuration(patienceMs)}`)));
  return Promise.race([asked().catch((error: unknown) => none(missing('error', String(error)))), late]);
}

/** What the guardrails say of the baseline over the last `overMs`, before a change; undefined where there are none. */
export async function readGuardrails(
  ports: Ports,
  plan: Pick<Plan, 'metrics'>,
  slot: Slot,
  overMs = beforeMs,
): Promise<GuardrailReadings | undefined> {
  if (bandRules(plan.metrics).length === 0) return undefined;
  const nowMs = ports.now();
  const times = { sinceMs: nowMs - overMs, byMs: nowMs + patienceMs };
  return readAll(plan, async (rule) => (await readBy(ports, rule, slot, times)).reading);
}

/** What they say of the time since users returned. A scrape that covers all of it is waited for, but not for long. */
export async function lookBack(
  ports: Ports,
  plan: Plan,
  slot: Slot,
  { sinceMs, signal }: { readonly sinceMs: number; readonly signal: AbortSignal },
): Promise<GuardrailReadings> {
  const overMs = ports.now();
  const byMs = overMs + patienceMs;
  return readAll(plan, async (rule) => {
    let best: SlotReading | undefined;
    for (;;) {
      signal.throwIfAborted();
      const found = await readBy(ports, rule, slot, { sinceMs, byMs });
      if (found.reading.kind !== 'missing') best = found;
      if (found.untilMs >= overMs || best === undefined || ports.now() + againMs >= byMs)
        return best === undefined ? found.reading : coveredBy(best, { sinceMs, overMs });
      await ports.sleep(againMs);
    }
  });
}

/** A sample from before users returned says nothing of them. */
function coveredBy(
  { reading, untilMs }: SlotReading,
  { sinceMs, overMs }: { readonly sinceMs: number; readonly overMs: number },
): GuardrailReading {
  if (untilMs <= sinceMs) return missing('stale', 'no sample came since users returned');
  return reading.kind === 'counts' && untilMs < overMs ? { ...reading, seenMs: untilMs - sinceMs } : reading;
}
