import { join } from 'node:path';
import type { Embedded } from '../stack/embedded';
import type { Component } from '../stack/process';

/** One process of the embedded stack as people know it. */
export type Part = { readonly title: string; readonly log: string; readonly component: Pick<Component, 'pid'> };

/** Everything that runs, in the order in which it was started. */
export function listParts({ stack, supervisor, sentinel, workers }: Embedded): readonly Part[] {
  const log = (name: string): string => join(stack.runDirectory, `${name}.log`);
  return [
    { title: 'Temporal', log: log('temporal'), component: stack.temporal },
    { title: 'PostgreSQL', log: log('postgres'), component: stack.postgres },
    ...stack.haproxy.map((component, index) => ({ title: 'HAProxy', log: log(`haproxy-${index}`), component })),
    { title: 'Prometheus', log: log('prometheus'), component: stack.prometheus },
    { title: 'the supervisor of the shop', log: log('supervisor'), component: supervisor },
    ...(sentinel === undefined ? [] : [{ title: 'the sentinel', log: log('sentinel'), component: sentinel }]),
    ...workers.map((component, index) => ({
      title: `worker ${index + 1}`,
      log: log(`worker-${index + 1}`),
      component,
    })),
  ];
}

const lookEveryMs = 250;

/** Tells each part that ends by itself, once; returns how to stop looking. */
export function watchParts(parts: readonly Part[], onDeath: (part: Part) => void): () => void {
  let alive = parts;
  const timer = setInterval(() => {
    const dead = alive.filter(({ component }) => component.pid() === undefined);
    alive = alive.filter((part) => !dead.includes(part));
    dead.forEach(onDeath);
  }, lookEveryMs);
  return () => clearInterval(timer);
}
