import { existsSync } from 'node:fs';
import { say } from './command.mjs';
import { buildWithGo } from './go-build.mjs';
import { createProblem } from './problem.mjs';
import { downloadWithSdk } from './sdk-download.mjs';
import { cachedTemporalCli, findGo, findProgram, temporalCliVersion } from './where.mjs';

const goModule = `github.com/temporalio/cli/cmd/temporal@v${temporalCliVersion}`;

export const temporalCli = {
  name: 'Temporal CLI',
  isDone: () => findProgram('temporal') !== undefined || existsSync(cachedTemporalCli),
  async run() {
    say(`… downloading the Temporal CLI ${temporalCliVersion} with the Temporal SDK`);
    const refusal = await downloadWithSdk({
      kind: 'dev-server',
      version: temporalCliVersion,
      target: cachedTemporalCli,
    });
    if (refusal === undefined) return;
    say(`  that did not work (${refusal})`);
    const go = findGo();
    if (!go) {
      throw createProblem({
        what: 'The Temporal CLI is missing: it could not be downloaded, and there is no Go to build it with.',
        why: `Its dev server runs every release here. The download said: ${refusal}`,
        wayOut:
          'Put `temporal` on your PATH (https://docs.temporal.io/cli, or `brew install temporal`), ' +
          'or install Go 1.25 or newer (https://go.dev/dl), then run: node scripts/setup.mjs',
      });
    }
    await buildCli(go);
  },
};

async function buildCli(go) {
  say(`… building it with Go instead (${goModule}); this takes some minutes, once`);
  const tail = await buildWithGo(go, () => ['install', goModule], { target: cachedTemporalCli });
  if (tail === undefined) return;
  throw createProblem({
    what: 'The Temporal CLI could not be built.',
    why: `\`go install ${goModule}\` said:\n           ${tail}`,
    wayOut:
      'Check that the Go module proxy can be reached (`go env GOPROXY`) and that `go version` is 1.25 or newer, ' +
      'or put `temporal` on your PATH (https://docs.temporal.io/cli). Then run: node scripts/setup.mjs',
  });
}
