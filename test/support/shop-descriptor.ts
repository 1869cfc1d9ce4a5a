import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../src/core/canonical';
import type { Bundle } from '../../src/core/release/messages';
import { shopDirectory } from '../../src/stack/shop';

export type Fields = { readonly [key: string]: unknown };
export type Files = { readonly [path: string]: string };

const noOrderLost = { id: 'no-order-lost', query: 'db/invariants/no-order-lost.sql' };

export const splitName = {
  id: 'split-name',
  expand: {
    sql: 'db/002-split-name.expand.sql',
    undo: 'db/002-split-name.expand.undo.sql',
    check: 'db/002-split-name.expand.check.sql',
  },
  backfill: {
    batch: 'db/002-split-name.backfill.sql',
    key: { table: 'public.orders', column: 'id', rows: 10_000 },
    undo: { skip: 'the columns go with expand' },
    check: 'db/002-split-name.backfill.check.sql',
  },
  contract: {
    sql: 'db/002-split-name.contract.sql',
    undo: { skip: 'forward only' },
    check: 'db/002-split-name.contract.check.sql',
  },
};

export const addNote = {
  id: 'add-note',
  expand: {
    sql: 'db/003-add-note.expand.sql',
    undo: 'db/003-add-note.expand.undo.sql',
    check: 'db/003-add-note.expand.check.sql',
  },
};

/** One exposure that lasts until something ends it. */
export const longAt25 = { stages: [{ canaryPercent: 25, bakeTime: '10m', minRequests: 20 }] };

/** Short times, real code path: two steps, then everyone but the holdback. */
export const shopDescriptor = (version: string, change: Fields = {}): Fields => ({
  apiVersion: 'spillway/v1',
  service: 'shop',
  version,
  environment: 'local',
  hypothesis: { change: 'Names are stored in two parts.', keep: 'Orders go through.' },
  owners: { lead: 'Ada' },
  stages: [
    { canaryPercent: 5, bakeTime: '500ms', minRequests: 5 },
    { canaryPercent: 25, bakeTime: '500ms', minRequests: 20 },
  ],
  fullExposure: { holdbackPercent: 1, rollbackWindow: '500ms', minRequests: 20 },
  invariants: [noOrderLost],
  rollback: { backInBand: '500ms' },
  contract: { quiet: '0s', renamed: '0s' },
  ...change,
});

const namedIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.endsWith('.sql') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namedIn) : [];
};

/** The bundle of a descriptor; files that `files` does not give are those of the sample shop. */
export function shopBundle(descriptor: Fields, files: Files = {}): Bundle {
  const packed = [...new Set(namedIn(descriptor))].map((path) => {
    const text = files[path] ?? readFileSync(join(shopDirectory, path), 'utf8');
    return { path, text, sha256: sha256Hex(text) };
  });
  return { descriptor: { path: 'release.yaml', text: JSON.stringify(descriptor) }, files: packed };
}
