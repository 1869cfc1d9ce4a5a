import { exitCodes } from './exit-codes';

/** Ends this process without a word when the reader of its output goes away; what it has started is taken down first. */
export function leaveWhenNobodyReads(): void {
  let isLeaving = false;
  const leave = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (isLeaving) return;
    isLeaving = true;
    // Commands that have something to take down listen to the hang-up of their terminal, which this is.
    if (!process.emit('SIGHUP', 'SIGHUP')) process.exit(exitCodes.unread);
  };
  process.stdout.on('error', leave);
  process.stderr.on('error', leave);
}
