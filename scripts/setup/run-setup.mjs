import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distribution } from './distribution.mjs';
import { nodeModules } from './node-modules.mjs';
import { pgroll } from './pgroll.mjs';
import { describeProblem } from './problem.mjs';
import { say } from './command.mjs';
import { systemPackages, testPackages } from './system-packages.mjs';
import { temporalCli } from './temporal-cli.mjs';
import { testServer } from './test-server.mjs';
import { unleash } from './unleash.mjs';
import { withSetupLock } from './lock.mjs';
import { rootDirectory } from './where.mjs';

/** Brings everything up to date, or says all that is missing at once. Resolves to the exit code. */
export async function runSetup({ withTests }) {
  const forTests = withTests ? [testPackages, testServer, pgroll, unleash] : [];
  const steps = [nodeModules, distribution, temporalCli, systemPackages, ...forTests];
  if (steps.every((step) => step.isDone())) return 0;
  const problems = await withSetupLock(() => runSteps(steps)).catch((error) => [error]);
  if (problems.length === 0) {
    say('✓ everything is set up');
    return 0;
  }
  for (const problem of problems) say(`\n${describeProblem(problem)}`);
  return 1;
}

/** Goes on after a failed step, so that a person learns of all that is missing in one go. */
async function runSteps(steps) {
  const problems = [];
  for (const step of steps) {
    if (step.isDone() || (step === distribution && !existsSync(join(rootDirectory, 'node_modules')))) continue;
    try {
      // A step that nothing needs may do without, and has said so.
      if ((await step.run()) !== 'without') say(`✓ ${step.name}`);
    } catch (error) {
      problems.push(error);
    }
  }
  return problems;
}
