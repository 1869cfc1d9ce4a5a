import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Slot } from '../../core/plan/effects';
import type { ConfigurationPort } from '../../ports/configuration';
import { parseJsonObject } from '../json-object';
import { createTurns } from '../turns';
import { createWhole, readWhole, removeWhole, replaceWhole, resolveLinks } from '../whole-file';
import { digestOf, hasValues, mergeDocument, readKeys } from './document';

export type ConfigurationFileOptions = { readonly paths: { readonly [S in Slot]: string } };

/**
 * One JSON object file a slot. The bytes a release found are kept beside the file, as `.<name>.spillway-<sha>`
 * (`….absent` when there was none), until `restore` puts them back.
 * @throws PortError `Rejected` for a document that is not a JSON object and for a file that may not be read or written;
 * `TargetUnavailable` when the disk cannot take it now.
 */
export function createConfigurationFile({ paths }: ConfigurationFileOptions): ConfigurationPort {
  const inTurn = createTurns();
  const read = async (slot: Slot) => readWhole(paths[slot]);
  return {
    digest: async (slot) => digestOf(await read(slot)),
    read: async (slot, keys) => {
      const bytes = await read(slot);
      return readKeys(bytes === undefined ? {} : parseJsonObject(bytes, paths[slot]), keys);
    },
    apply: (slots, set, release) =>
      inTurn(async () => {
        const source = await read(slots.baseline);
        const wanted = mergeDocument(source ? parseJsonObject(source, paths[slots.baseline]) : {}, set);
        const path = await resolveLinks(paths[slots.canary]);
        const earlier = await readWhole(path);
        await keep(path, earlier, { release, like: paths[slots.baseline] });
        if (earlier?.equals(wanted)) return;
        await replaceWhole(path, { bytes: wanted, ...(earlier ? {} : { like: paths[slots.baseline] }) });
      }),
    restore: (slots, release) =>
      inTurn(async () => {
        const path = await resolveLinks(paths[slots.canary]);
        const kept = keptBeside(path, release);
        const earlier = await readWhole(kept.bytes);
        const wasAbsent = earlier === undefined && (await readWhole(kept.absent)) !== undefined;
        if (earlier !== undefined) await replaceUnlessEqual(path, earlier, kept.bytes);
        if (wasAbsent) await removeWhole(path);
        // Last, so that a crash in between restores once more instead of never.
        if (earlier !== undefined) await removeWhole(kept.bytes);
        if (wasAbsent) await removeWhole(kept.absent);
      }),
    isApplied: async (slots, set) => hasValues(await read(slots.canary), set),
  };
}

function keptBeside(path: string, release: string) {
  const sha = createHash('sha256').update(release).digest('hex').slice(0, 32);
  const bytes = join(dirname(path), `.${basename(path)}.spillway-${sha}`);
  return { bytes, absent: `${bytes}.absent` };
}

type Keeping = { readonly release: string; readonly like: string };

/** The caller read `earlier` before this looks: whatever was kept first is what the release found. */
async function keep(path: string, earlier: Buffer | undefined, { release, like }: Keeping): Promise<void> {
  const kept = keptBeside(path, release);
  if ((await readWhole(kept.bytes)) !== undefined || (await readWhole(kept.absent)) !== undefined) return;
  if (earlier === undefined) await createWhole(kept.absent, { bytes: Buffer.alloc(0), like });
  else await createWhole(kept.bytes, { bytes: earlier, like: path });
}

async function replaceUnlessEqual(path: string, bytes: Buffer, like: string): Promise<void> {
  const current = await readWhole(path);
  if (current?.equals(bytes)) return;
  await replaceWhole(path, { bytes, ...(current ? {} : { like }) });
}
