import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Json } from '../../core/json';
import type { FlagsPort } from '../../ports/flags';
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

/**
 * Feature flags in one JSON file, `{"flags": {"name": value}}`; other top-level keys are left as they are. A missing file
 * reads as no flags.
 * @throws PortError `Rejected` for another document or a file that may not be read or written; `Conflict` when somebody
 * else changed the file twice while a flag was written.
 */
export function createFlagFile({ path, replace = replaceWhole }: FlagFileOptions): FlagsPort {
  const inTurn = createTurns();

  const writeOnce = async (flag: string, value: Json | undefined): Promise<boolean> => {
    const target = await resolveLinks(path);
    const found = await readWhole(target);
    const { document, flags } = parse(found, path);
    if (isSame(flags.get(flag), value)) return true;
    if (value === undefined) flags.delete(flag);
    else flags.set(flag, value);
    const bytes = Buffer.from(`${JSON.stringify({ ...document, flags: Object.fromEntries(flags) }, null, 2)}\n`);
    const mayReplace = async () => {
      const now = await readWhole(target);
      return now === undefined || found === undefined ? now === found : now.equals(found);
    };
    return replace(target, { bytes, mayReplace });
  };

  return {
    read: async (flag) => parse(await readWhole(path), path).flags.get(flag),
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

/** Independent of the order of keys. */
const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonicalize(a) === canonicalize(b);

function parse(bytes: Buffer | undefined, path: string): { document: JsonObject; flags: Map<string, Json> } {
  const document: JsonObject = bytes === undefined ? {} : parseJsonObject(bytes, path);
  const flags = flagsByName.safeParse(document.flags);
  if (flags.success) return { document, flags: new Map<string, Json>(Object.entries(flags.data)) };
  throw new PortError('Rejected', `${path}: "flags" is not an object of values by name; mend it by hand`);
}
