import type { Context } from '@temporalio/activity';

const moves = new WeakMap<Context, number>();

/** Notes when long work last got further, epoch milliseconds: what is away is away since then, not since the work began. */
export const noteMove = (context: Context, atMs: number): void => void moves.set(context, atMs);

/** When the work of this attempt last got further; undefined for work that does not say. */
export const lastMove = (context: Context): number | undefined => moves.get(context);
