import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from '../../src/stack/process';
import { freeze, signalFamily } from './freeze';
import type { FaultCase } from './cases';
import type { Lane } from './lane';
import type { Victim } from './moments';
import type { Stage } from './play';

/** What all lanes share is away for a moment at least. */
const sharedDownMs = 300;
const startTries = 3;

/** A server that was killed may find its port or its memory held for a moment yet. */
async function startAgain(component: Component): Promise<void> {
  for (let left = startTries; ; left -= 1) {
    try {
      return await component.start();
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
}

/** From when to when a part was away, epoch milliseconds; it may have been away for a moment longer. */
export type Away = { readonly fromMs: number; readonly untilMs: number };

/** A part of a case dies and is started again, or stands still for a while. */
export async function strikePart(stage: Stage, lane: Lane, fault: FaultCase): Promise<Away> {
  const fromMs = Date.now();
  const untilMs = await takeAway(stage, lane, fault);
  return { fromMs, untilMs };
}

/** Returns when it began to come back. */
async function takeAway(stage: Stage, lane: Lane, { part, downMs, isFrozen }: FaultCase): Promise<number> {
  if (part === undefined) throw new Error('a case without a part cannot lose one');
  if (part === 'worker') {
    await lane.workers.kill();
    // Its keeper leaves it dead for as long as the case says.
    await lane.workers.ready();
    return Date.now();
  }
  const component = part === 'haproxy' || part === 'sentinel' ? lane[part] : stage.shared[part];
  if (isFrozen === true) {
    await freeze(component, stage.freezeMs);
    return Date.now();
  }
  await component.kill();
  await sleep(part in stage.shared ? downMs + sharedDownMs : downMs);
  const untilMs = Date.now();
  await component.start();
  return untilMs;
}

/** SIGKILL to the worker, which is brought back by its keeper, or to every process of the database server at once. */
export async function strikeVictim(stage: Stage, lane: Lane, victim: Victim, downMs: number): Promise<void> {
  if (victim === 'worker') return lane.workers.kill();
  const { postgres } = stage.shared;
  signalFamily(postgres, 'SIGKILL');
  await postgres.kill();
  await sleep(downMs + sharedDownMs);
  await startAgain(postgres);
}
