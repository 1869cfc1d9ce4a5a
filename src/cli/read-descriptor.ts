import { openBundle } from '../core/descriptor/bundle';
import { formatIssue, type Issue } from '../core/descriptor/issue';
import type { Descriptor } from '../core/descriptor/schema';
import type { Bundle } from '../core/release/messages';
import { readBundle } from '../descriptor-files/read-bundle';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';

export type Packed = {
  readonly bundle: Bundle;
  readonly descriptor: Descriptor;
  readonly texts: { readonly [path: string]: string };
};

/** Reads the descriptor before anything is connected to: what is wrong with it is said even when nothing else runs. */
export const withDescriptor =
  (
    { file, json }: { readonly file: string; readonly json?: boolean | undefined },
    action: (io: Io, packed: Packed) => Promise<number>,
  ) =>
  async (io: Io): Promise<number> => {
    const packed = await readDescriptor(io, file, json === true);
    return packed === undefined ? exitCodes.invalid : action(io, packed);
  };

/** Packs a descriptor with its files; undefined after its issues were said. */
async function readDescriptor(io: Io, file: string, isJson: boolean): Promise<Packed | undefined> {
  const packed = await readBundle(file);
  if (!packed.ok) return sayIssues(io, packed.issues, isJson);
  const opened = openBundle(packed.bundle);
  if (!opened.ok) return sayIssues(io, opened.issues, isJson);
  return { bundle: packed.bundle, descriptor: opened.value.descriptor, texts: opened.value.files };
}

export function sayIssues(io: Io, issues: readonly Issue[], isJson: boolean): undefined {
  if (isJson) printJson(io, { ok: false, issues });
  else print(io, ...issues.map(formatIssue));
  say(io, `${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}; nothing was started.`);
  return undefined;
}
