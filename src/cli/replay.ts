import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import type { Io } from './io';
import type { LimitTexts } from './limit-options';
import { readLimits } from './limit-options';
import { isThere, openStore } from './open-store';
import { sayIssues } from './read-descriptor';
import { replayFile } from './replay-file';
import { replayRelease } from './replay-release';

export type ReplayOptions = LimitTexts & {
  readonly what: string | undefined;
  readonly decisions?: boolean | string | undefined;
  readonly environmentFile?: string | undefined;
  readonly limit?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
};

/** `--decisions FILE` alone took the file of the streams for its own. */
function whatOf({ what, decisions }: ReplayOptions): Pick<ReplayOptions, 'decisions'> & { readonly what: string } {
  if (what !== undefined) return { what, decisions };
  if (typeof decisions === 'string') return { what: decisions, decisions: true };
  throw new UsageError('replay wants a FILE of recorded streams, - for standard input, or a RELEASE.');
}

const looksLikeFile = (what: string): boolean => /\.\w+$|^[./~]/.test(what);

/** `spillway replay`: a file of recorded streams, else a release of the store. */
export async function replay(io: Io, options: ReplayOptions): Promise<number> {
  const { what, decisions } = whatOf(options);
  if (what === '-' || (await isThere(what))) {
    if (options.limit !== undefined)
      throw new UsageError('--limit is for the metrics of a RELEASE; a recorded stream takes --alpha and its like.');
    return replayFile(io, { ...options, file: what, decisions });
  }
  if (looksLikeFile(what)) throw new UsageError(`${what}: there is no such file; correct its path, or name a RELEASE.`);
  if (Object.keys(readLimits(options)).length > 0)
    throw new UsageError('--alpha and its like are for recorded streams; a RELEASE takes --limit metric=limit.');
  const opened = await openStore(io, options.environmentFile);
  if (!opened.ok) {
    sayIssues(io, opened.issues, options.json === true);
    return exitCodes.invalid;
  }
  try {
    const { environment, store } = opened;
    return await replayRelease(io, store, { ...options, release: what, environment, decisions });
  } finally {
    await opened.store.close();
  }
}
