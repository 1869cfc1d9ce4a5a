import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { slotConfigurationPath } from '../../src/stack/shop';
import type { Bench } from '../bench';
import type { Descriptor } from '../release-run';
import type { Slot } from '../weights';

export const flagNames = ['two-names', 'new-basket', 'fast-search'];
export const limit = 7;

/** What every release here sets beside the version. */
export const settings: Pick<Descriptor, 'flags' | 'configuration'> = {
  flags: flagNames.map((flag) => ({ flag, value: true })),
  configuration: [{ set: { limit } }],
};

type Document = { readonly [key: string]: unknown };

async function read(path: string): Promise<Document> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Document;
}

/** Whole and in one step, as somebody else's tool would. */
async function write(path: string, document: Document): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(document));
  await rename(draft, path);
}

/** Flags and configuration of the embedded shop, read and written beside Spillway. */
export function settingsOf({ embedded }: Bench) {
  const flagPath = join(embedded.stack.runDirectory, 'flags.json');
  const pathOf = (slot: Slot): string => slotConfigurationPath(embedded.stack, slot);
  const flagsIn = async (): Promise<Document> => ((await read(flagPath))['flags'] ?? {}) as Document;
  return {
    flag: async (name: string): Promise<unknown> => (await flagsIn())[name],
    changeFlag: async (name: string, value: unknown): Promise<void> =>
      write(flagPath, { ...(await read(flagPath)), flags: { ...(await flagsIn()), [name]: value } }),
    limit: async (slot: Slot): Promise<unknown> => (await read(pathOf(slot)))['limit'],
    changeLimit: async (slot: Slot, value: unknown): Promise<void> =>
      write(pathOf(slot), { ...(await read(pathOf(slot))), limit: value }),
  };
}
