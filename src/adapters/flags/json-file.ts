import { z } from 'zod';
import { isSameJson } from '../../core/canonical';
import type { Json } from '../../core/json';
import type { FlagsPort, FlagWish } from '../../ports/flags';
import { PortError } from '../../ports/errors';
import { parseJsonObject, type JsonObject } from '../json-object';
import { createTurns } from '../turns';
import { readWhole, replaceWhole, resolveLinks } from '../whole-file';

const flagsByName = z.record(z.string(), z.json()).default({});
const writesTried = 2;

export type FlagFileOptions = {
  readonly path: string;
  /** How the file is replaced: whole and atomically when it is left out. */
  readonly replace?: typeof replaceWhole;
};

/** What the values of a file mean. Both throw PortError `Rejected`. */
export type FlagFileFormat = {
  /** Refuses what could not be written back. */
  readonly check: (flag: string, found: Json) => void;
  readonly foretell: (flag: string, wish: FlagWish) => Json;
};

/**
 * Feature flags in one JSON file, `{"flags": {"name": value}}`; other top-level keys are left as they are. A missing file
 * reads as no flags.
 * @throws PortError `Rejected` for another document or a file that may not be read or written; `Conflict` when somebody
 * else changed the file twice while a flag was written.
 */
export function createFlagsInFile(
  format: FlagFileFormat,
  { path, replace = replaceWhole }: FlagFileOptions,
): FlagsPort {
  const inTurn = createTurns();

  const writeOnce = async (flag: string, value: Json | undefined): Promise<boolean> => {
    const target = await resolveLinks(path);
    const bytesBefore = await readWhole(target);
    const { document, flags } = parse(bytesBefore, path);
    const found = flags.get(flag);
    const wanted = value === undefined ? undefined : format.foretell(flag, { found, value });
    if (isSameJson(found, wanted)) return true;
    if (wanted === undefined) flags.delete(flag);
    else flags.set(flag, wanted);
    const bytes = Buffer.from(`${JSON.stringify({ ...document, flags: Object.fromEntries(flags) }, null, 2)}\n`);
    const mayReplace = async () => {
      const now = await readWhole(target);
      return now === undefined || bytesBefore === undefined ? now === bytesBefore : now.equals(bytesBefore);
    };
    return replace(target, { bytes, mayReplace });
  };

  return {
    read: async (flag) => {
      const found = parse(await readWhole(path), path).flags.get(flag);
      if (found !== undefined) format.check(flag, found);
      return found;
    },
    foretell: async (flag, wish) => Promise.resolve(format.foretell(flag, wish)),
    // A file is replaced whole.
    isHalfWritten: () => Promise.resolve(false),
    write: (flag, value) =>
      inTurn(async () => {
        for (let tried = 0; tried < writesTried; tried += 1) if (await writeOnce(flag, value)) return;
        const next = 'find out who writes it; one writer at a time';
        throw new PortError(
          'Conflict',
          `${path}: somebody else changed the file while flag ${flag} was written; ${next}`,
        );
      }),
  };
}

function parse(bytes: Buffer | undefined, path: string): { document: JsonObject; flags: Map<string, Json> } {
  const document: JsonObject = bytes === undefined ? {} : parseJsonObject(bytes, path);
  const flags = flagsByName.safeParse(document.flags);
  if (flags.success) return { document, flags: new Map<string, Json>(Object.entries(flags.data)) };
  throw new PortError('Rejected', `${path}: "flags" is not an object of values by name; mend it by hand`);
}
