import type { BaselineGuard } from '../core/backfill/rule';
import type { Slot } from '../core/plan/effects';
import { completeBefore, whyRestFor, type BaselineBefore, type BaselineNow } from '../core/release/baseline-guard';
import { bandRules } from '../core/release/guardrail-band';
import type { TrafficReading } from '../ports/traffic';
import { readGuardrails } from './guardrail-band';
import type { Ports } from './ports';

const lookEveryMs = 1_000;
/** How far back a look goes: long enough for a rate, short enough to let a backfill go on soon after. */
const windowMs = 15_000;

type Counted = { readonly atMs: number; readonly reading: TrafficReading };

/** Watches those who use the baseline while a backfill runs; `known` is how they did before it began. */
export function watchBaseline(
  ports: Ports,
  { traffic, rules }: BaselineGuard,
  slot: Slot,
  { known, signal }: { readonly known: BaselineBefore | undefined; readonly signal: AbortSignal },
) {
  let before = known;
  let why: string | undefined;
  let counted: readonly Counted[] = [];
  let isOver = false;

  /** Answers since the oldest count in the window that no restart came after. */
  async function countErrors(target: string): Promise<BaselineNow['errors']> {
    if (counted.length === 0) {
      counted = [{ atMs: ports.now(), reading: await ports.traffic(target).read() }];
      await ports.sleep(lookEveryMs / 2);
    }
    const now = { atMs: ports.now(), reading: await ports.traffic(target).read() };
    const comparable = counted.filter(
      ({ atMs, reading }) => atMs >= now.atMs - windowMs && reading.resets === now.reading.resets,
    );
    counted = [...comparable, now];
    const from = (comparable[0] ?? now).reading.counters[slot];
    const to = now.reading.counters[slot];
    return {
      requests: to.requests - from.requests,
      bad: to.bad - from.bad,
      ...(now.reading.down.includes(slot) ? { isDown: true } : {}),
    };
  }

  async function look(): Promise<string | undefined> {
    const [errors, readings] = await Promise.all([
      traffic === undefined ? undefined : countErrors(traffic),
      readGuardrails(ports, { metrics: rules }, slot, windowMs),
    ]);
    const now: BaselineNow = {
      ...(errors === undefined ? {} : { errors }),
      readings: readings ?? {},
      watchedMs: windowMs,
    };
    before = completeBefore(before, now);
    return whyRestFor(bandRules(rules), before, now);
  }

  async function watch(first: () => void): Promise<void> {
    while (!signal.aborted && !isOver) {
      why = await look().catch((error: unknown) => `the baseline cannot be watched: ${messageOf(error)}`);
      first();
      await ports.sleep(lookEveryMs);
    }
  }

  const begun = new Promise<void>((resolve) => {
    void watch(resolve).finally(resolve);
  });
  return {
    /** Why not to change rows now; undefined when users of the baseline are served as before. */
    whyRest: async (): Promise<string | undefined> => {
      await begun;
      return why;
    },
    before: (): BaselineBefore | undefined => before,
    stop: (): void => {
      isOver = true;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
