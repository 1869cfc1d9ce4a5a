// Compiles src to dist and bundles the workflow code, if anything changed.
import { say } from './setup/command.mjs';
import { distribution } from './setup/distribution.mjs';
import { withSetupLock } from './setup/lock.mjs';
import { describeProblem } from './setup/problem.mjs';

try {
  if (distribution.isDone()) say('✓ dist is up to date');
  else {
    await withSetupLock(() => distribution.run());
    say('✓ build');
  }
} catch (error) {
  say(describeProblem(error));
  process.exitCode = 1;
}
