import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './command.mjs';
import { buildWithGo } from './go-build.mjs';
import { cachedPgroll, findGo, findProgram, pgrollVersion } from './where.mjs';

const moduleDirectory = fileURLToPath(new URL('pgroll-module/', import.meta.url));
/** Why it could not be built, so that it is not tried before each run of the tests. */
const failurePath = join(dirname(cachedPgroll), 'not-built');

const findCompiler = () => ['cc', 'gcc', 'clang'].map(findProgram).find(Boolean);

/** Only its adapter is tested with it, and those tests say so when it is not there: it never stops a set-up. */
export const pgroll = {
  name: 'pgroll (for the tests of its adapter)',
  isDone: () =>
    findProgram('pgroll') !== undefined || [cachedPgroll, failurePath].some(existsSync) || !findGo() || !findCompiler(),
  async run() {
    say(`… building pgroll ${pgrollVersion} with Go; this takes one to four minutes, once`);
    const flags = ['-trimpath', '-ldflags', `-s -w -X github.com/xataio/pgroll/cmd.Version=${pgrollVersion}`];
    const tail = await buildWithGo(
      findGo(),
      (directory) => ['build', '-mod=readonly', ...flags, '-o', join(directory, 'pgroll'), 'github.com/xataio/pgroll'],
      { target: cachedPgroll, cwd: moduleDirectory, env: { CGO_ENABLED: '1', GOTOOLCHAIN: 'local' } },
    );
    if (tail === undefined) return 'built';
    await mkdir(dirname(failurePath), { recursive: true });
    await writeFile(failurePath, tail);
    say(
      `! pgroll could not be built, so its adapter is tested without it. \`go build\` said:\n           ${tail}\n` +
        `  Put \`pgroll\` on your PATH, or mend that, remove ${failurePath} and run: node scripts/setup.mjs --with-tests`,
    );
    return 'without';
  },
};
