import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from '../../src/stack/process';

/** A process and all that it has begun, parents first. PostgreSQL's children lead groups of their own, so no group has all. */
function familyOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of a program may hold blanks; after its bracket come state and parent.
        const rest = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1) ?? '';
        return [{ pid: Number(name), parent: Number(rest.split(' ')[1]) }];
      } catch {
        return [];
      }
    });
  const found = [pid];
  for (const one of found) found.push(...parents.filter(({ parent }) => parent === one).map(({ pid: child }) => child));
  return found;
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}

/** Sends a signal to a component and all its children; those that got it. */
export function signalFamily(component: Component, name: NodeJS.Signals): readonly number[] {
  const pid = component.pid();
  if (pid === undefined) return [];
  const family = familyOf(pid);
  signal(family, name);
  return family;
}

/** Stops a component with all its children where they stand, and lets them go on. */
export async function freeze(component: Component, ms: number): Promise<void> {
  const family = signalFamily(component, 'SIGSTOP');
  if (family.length === 0) throw new Error('what does not run cannot be frozen');
  try {
    await sleep(ms);
  } finally {
    signal(family, 'SIGCONT');
  }
}
