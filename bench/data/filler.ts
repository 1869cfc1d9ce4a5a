import { accountEffects } from './accounts';
import { connect } from './server';

/** A worker's backfill in a process of its own, to be killed: `filler.ts DSN RELEASE ROWS`. Ends when all is filled. */
export async function main([dsn = '', release = '', rows = '1000']: readonly string[]): Promise<number> {
  const { backfill } = accountEffects({ rows: Number(rows) });
  for (;;)
    try {
      await connect(dsn).backfill(backfill, release, () => undefined, new AbortController().signal);
      return 0;
    } catch (error) {
      // The session of the one that was killed still holds the lock for a moment.
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'TargetUnavailable') throw error;
    }
}
