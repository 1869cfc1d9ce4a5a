import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { descriptorSchema } from '../../src/core/descriptor/schema';
import type { Bundle } from '../../src/core/release/messages';

export type Part = Pick<z.input<typeof descriptorSchema>, 'stages' | 'fullExposure' | 'gates'>;

const pollMs = 100;
let versions = 0;

/** A descriptor of a service that has nothing but two slots. */
export function bundleOf(service: string, environment: string, part: Part): Bundle {
  versions += 1;
  const descriptor: z.input<typeof descriptorSchema> = {
    apiVersion: 'spillway/v1',
    service,
    version: `2.0.${versions}`,
    environment,
    hypothesis: { change: 'nothing: a benchmark', keep: 'everything' },
    owners: { lead: 'benchmark' },
    rollback: { backInBand: '1s' },
    checks: [{ path: `/${service}` }],
    ...part,
  };
  return {
    descriptor: {
      path: 'release.yaml',
      text: stringify(descriptor, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }),
    },
    files: [],
  };
}

/** Does the work for every item, a few at a time. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

export async function waitUntil(
  isSo: () => Promise<boolean>,
  explain: () => Promise<string>,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1_000} s: ${await explain()}`);
    await sleep(pollMs);
  }
}
