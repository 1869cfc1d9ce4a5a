import { CancelledFailure } from '@temporalio/common';
import type { DriftSeen } from '../core/drift/drift';
import { PortError } from '../ports/errors';
import type { Ports } from './ports';

export type NewsSought = {
  readonly keys: readonly string[];
  /** What is there instead of what was left there; undefined where it is as left. */
  readonly read: (key: string) => Promise<string | undefined>;
  /** What is known to differ and is left as it is, as it was found, by key. */
  readonly known: { readonly [key: string]: string };
  /** When to come back although nothing changed, in milliseconds; never when left out. */
  readonly forMs?: number | undefined;
  /** How long to rest between two looks at everything, in milliseconds. */
  readonly restMs: () => number;
  /** Whether nobody needs it any more: asked now and then, and before anything is told. */
  readonly isOver?: () => Promise<boolean>;
};

/** `superseded`: nobody needs it any more; null: the time is over. */
export type Looked = DriftSeen | 'superseded' | null;

/** What the first one found; undefined when none did. */
const firstOf = <T>(looks: readonly Promise<T | undefined>[]): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    for (const look of looks) look.then((found) => found !== undefined && resolve(found), reject);
    void Promise.allSettled(looks).then(() => resolve(undefined));
  });

/** One look may fall into the middle of somebody's change. */
const lookAgainMs = 250;
const askEveryMs = 2_000;

/** Reads all of them, again and again, until one reads differently than it is known to; one that is slow keeps no other waiting. */
export async function lookForNews(
  ports: Pick<Ports, 'now' | 'sleep'>,
  signal: AbortSignal,
  { keys, read, known, forMs = Infinity, restMs, isOver }: NewsSought,
): Promise<Looked> {
  const untilMs = ports.now() + forMs;
  const isNews = async (key: string): Promise<{ readonly observed: string | undefined } | undefined> => {
    try {
      const observed = await read(key);
      return observed === known[key] ? undefined : { observed };
    } catch (error) {
      // What cannot be read is not known to differ.
      if (error instanceof PortError) return undefined;
      throw error;
    }
  };
  const newsOf = async (key: string): Promise<DriftSeen | undefined> => {
    const first = await isNews(key);
    if (first === undefined) return undefined;
    await ports.sleep(lookAgainMs);
    const news = await isNews(key);
    if (news === undefined || news.observed !== first.observed) return undefined;
    return { effect: key, ...(news.observed === undefined ? {} : { observed: news.observed }) };
  };
  let askedAtMs = -Infinity;
  const isSuperseded = async (): Promise<boolean> => {
    askedAtMs = ports.now();
    return (await isOver?.()) === true;
  };
  for (;;) {
    if (ports.now() - askedAtMs >= askEveryMs && (await isSuperseded())) return 'superseded';
    const seen = await firstOf(keys.map(newsOf));
    if (seen !== undefined) return (await isSuperseded()) ? 'superseded' : seen;
    if (signal.aborted) throw new CancelledFailure('the watch over what was left was told to end');
    const leftMs = untilMs - ports.now();
    if (leftMs <= 0) return null;
    await ports.sleep(Math.min(restMs(), leftMs));
  }
}
