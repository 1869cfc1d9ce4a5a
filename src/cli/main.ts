import { leaveWhenNobodyReads } from './closed-pipe';
import { processIo } from './process-io';
import { runCli } from './program';

leaveWhenNobodyReads();
// The exit code is set and not forced, so that what was written reaches its reader.
void runCli(process.argv.slice(2), processIo()).then((code) => {
  if (code !== undefined) process.exitCode = code;
});
