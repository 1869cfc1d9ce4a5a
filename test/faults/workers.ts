import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from '../../src/stack/process';
import type { Fired } from './lane';

/** The workers of a lane: one that is always brought back when it dies, and a second one where a case wants it. */
export type Workers = {
  /** Keeps a worker alive from now on; frozen ones are woken after `freezeMs`, with another beside them meanwhile. */
  keepAlive(options: { readonly respawnMs: number; readonly freezeMs: number }): void;
  /** Starts a second worker beside the first. */
  double(): Promise<void>;
  /** Resolves when a worker takes work. */
  ready(): Promise<void>;
  /** Ends all but the first. */
  settle(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

const lookMs = 20;

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile, which the next look notices.
  }
};

export function createWorkers(add: (nth: number) => Promise<Component>, fired: () => readonly Fired[]): Workers {
  let first: Component | undefined;
  let second: Component | undefined;
  let started = 0;
  let isStopping = false;
  let pace = { respawnMs: 0, freezeMs: 4_000 };
  const frozen = new Map<string, Promise<void>>();
  let watching: Promise<void> | undefined;

  const start = async (): Promise<Component> => add((started += 1));

  /** A component is added once and started again, so that the stack does not keep a list of the dead. */
  async function revive(worker: Component | undefined): Promise<Component> {
    if (worker === undefined) return start();
    await worker.start();
    return worker;
  }

  async function thaw({ pid }: Fired): Promise<void> {
    const beside = double();
    await sleep(pace.freezeMs);
    await beside;
    signal(pid, 'SIGCONT');
  }

  async function double(): Promise<void> {
    if (second?.pid() === undefined) second = await revive(second);
  }

  async function watch(): Promise<void> {
    while (!isStopping) {
      if (first?.pid() === undefined) {
        if (started > 0) await sleep(pace.respawnMs);
        first = await revive(first).catch(() => first);
      }
      for (const one of fired())
        if (one.signal === 'SIGSTOP' && !frozen.has(`${one.pid} ${one.atMs}`))
          frozen.set(`${one.pid} ${one.atMs}`, thaw(one));
      await sleep(lookMs);
    }
  }

  return {
    keepAlive(options) {
      pace = options;
      watching ??= watch();
    },
    double,
    async ready() {
      while (first?.pid() === undefined) await sleep(lookMs);
    },
    async settle() {
      await Promise.all(frozen.values());
      await second?.kill();
    },
    kill: async () => first?.kill(),
    async stop() {
      isStopping = true;
      await Promise.allSettled(frozen.values());
      await watching;
      await Promise.all([first?.kill(), second?.kill()]);
    },
  };
}
