import type { Logger } from 'pino';
import { guard, noMemory, type GuardStep, type SeenSplit } from '../core/sentinel/guard';
import type { LeaseRecord } from '../core/sentinel/lease';
import { PortError } from '../ports/errors';
import type { Proxy } from './proxies';

export type ProxyGuardOptions = {
  readonly proxy: Proxy;
  /** The record as of now. */
  readonly record: () => LeaseRecord | undefined;
  /** A clock that only grows. */
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly onWritten: (why: string) => void;
};

export type ProxyView = {
  readonly lookedAtMs?: number;
  readonly split?: SeenSplit;
  readonly problem?: string;
  readonly alarm?: string;
};

const lookEveryMs = 200;
const idleLookEveryMs = 1_000;
/** What was seen longer ago than a slow answer takes was seen before a freeze. */
const freshMs = 450;
/** Later than this after the alarm clock: the process, or the machine, stood still. */
const lateMs = 150;
/** Requests that came while it stood still are heard before anything is decided. */
const hearMs = 30;

const faultOf = (error: unknown): string => {
  if (error instanceof PortError) return error.message;
  throw error;
};

/** Looks at one proxy again and again and writes what the record asks for, until stopped. */
export function guardProxy({ proxy, record, nowMs, log, onWritten }: ProxyGuardOptions) {
  let view: ProxyView = {};
  let memory = noMemory;
  let isStopped = false;
  let wake = (): void => {};

  async function look(): Promise<void> {
    const askedAtMs = nowMs();
    const seen = await proxy.traffic.readSplit();
    const current = record();
    if (current === undefined) {
      view = { lookedAtMs: nowMs(), split: seen };
      memory = noMemory;
      return;
    }
    const guarded = guard(current, seen, memory, nowMs());
    memory = guarded.memory;
    const { step } = guarded;
    view = { lookedAtMs: nowMs(), split: seen, ...(step.kind === 'alarm' ? { alarm: step.why } : {}) };
    if (step.kind !== 'write') return;
    // Frozen since it looked, or told something else meanwhile: what it wants to write may be of yesterday.
    if (nowMs() - askedAtMs > freshMs || record() !== current) {
      await sleep(hearMs);
      return look();
    }
    await write(step, seen, current);
  }

  async function write(step: Extract<GuardStep, { kind: 'write' }>, before: SeenSplit, { release, term }: LeaseRecord) {
    await proxy.traffic.writeSplit(step.split);
    view = { lookedAtMs: nowMs(), split: step.split };
    onWritten(step.why);
    log.warn({ why: step.why, release, term, before, after: step.split, socket: proxy.socket }, 'the gate was closed');
  }

  async function lookOnce(): Promise<void> {
    try {
      await look();
    } catch (error) {
      const problem = faultOf(error);
      if (view.problem === undefined) log.error({ socket: proxy.socket, problem }, 'a proxy cannot be guarded');
      view = { ...view, problem };
    }
  }

  function waitMs(): number {
    const current = record();
    if (current === undefined) return idleLookEveryMs;
    if (current.state !== 'held' || current.phase !== 'exposing') return lookEveryMs;
    return Math.max(1, Math.min(lookEveryMs, current.expiresAtMs - nowMs()));
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      await lookOnce();
      if (isStopped) return;
      const ms = waitMs();
      const dueAtMs = nowMs() + ms;
      await sleep(ms);
      const lateByMs = nowMs() - dueAtMs;
      if (lateByMs < lateMs) continue;
      log.warn({ lateByMs: Math.round(lateByMs) }, 'the sentinel stood still; it listens before it decides');
      await sleep(hearMs);
    }
  }

  const done = run();
  // A bug ends the guard; whoever waits for it must hear of it, and until then the process goes on.
  done.catch(() => undefined);
  return {
    view: (): ProxyView => view,
    /** Rejects with a bug; never with a fault of the proxy. */
    done,
    /** Looks at once instead of at the next turn. */
    wake: (): void => wake(),
    async stop(): Promise<void> {
      isStopped = true;
      wake();
      await done;
    },
  };
}
