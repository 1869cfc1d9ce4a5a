import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Embedded } from '../stack/embedded';

/** What the demo itself finds in the world, past the engine: columns, settings and flags as they stand. */
export type ShopWorld = {
  readonly columns: readonly string[];
  readonly settings: readonly string[];
  readonly flags: readonly string[];
};

async function readColumns(dsn: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly attname: string }>(
      `select attname from pg_attribute where attrelid = 'orders'::regclass and attnum > 0 and not attisdropped`,
    );
    return rows.map(({ attname }) => attname);
  } finally {
    await client.end();
  }
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

const entryOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** The keys of a settings file; one that is not there has none. */
async function readKeys(path: string, part?: string): Promise<readonly string[]> {
  try {
    const found: unknown = JSON.parse(await readFile(path, 'utf8'));
    return keysOf(part === undefined ? found : entryOf(found, part));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

export async function readShopWorld({ shopDsn, stack }: Embedded): Promise<ShopWorld> {
  const file = (name: string): string => join(stack.runDirectory, `${name}.json`);
  return {
    columns: await readColumns(shopDsn),
    settings: [...(await readKeys(file('configuration-blue'))), ...(await readKeys(file('configuration-green')))],
    flags: await readKeys(file('flags'), 'flags'),
  };
}
