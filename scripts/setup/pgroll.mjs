import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './command.mjs';
import { buildWithGo } from './go-build.mjs';
import { cachedPgroll, findGo, findProgram, pgrollVersion } from './where.mjs';

const moduleDirectory = fileURLToPath(new URL('pgroll-module/', import.meta.url));
/** Why there is none: without it the tests of the adapter fail, and with it nothing is tried before each run of them. */
const failurePath = join(dirname(cachedPgroll), 'not-built');

const findCompiler = () => ['cc', 'gcc', 'clang'].map(findProgram).find(Boolean);
const noGo = 'there is no Go here';
const noCompiler = 'there is no C compiler here';
const whatIsMissing = () => (findGo() === undefined ? noGo : findCompiler() === undefined ? noCompiler : undefined);

/** What was missing may be there by now; a build that failed would fail again. */
function isKnownToFail() {
  if (!existsSync(failurePath)) return false;
  const reason = readFileSync(failurePath, 'utf8');
  return ![noGo, noCompiler].includes(reason) || reason === whatIsMissing();
}

async function build() {
  say(`… building pgroll ${pgrollVersion} with Go; this takes one to four minutes, once`);
  const flags = ['-trimpath', '-ldflags', `-s -w -X github.com/xataio/pgroll/cmd.Version=${pgrollVersion}`];
  return buildWithGo(
    findGo(),
    (directory) => ['build', '-mod=readonly', ...flags, '-o', join(directory, 'pgroll'), 'github.com/xataio/pgroll'],
    { target: cachedPgroll, cwd: moduleDirectory, env: { CGO_ENABLED: '1', GOTOOLCHAIN: 'local' } },
  );
}

/** Only its adapter is tested with it, and those tests say so when it is not there: it never stops a set-up. */
export const pgroll = {
  name: 'pgroll (for the tests of its adapter)',
  isDone: () => findProgram('pgroll') !== undefined || existsSync(cachedPgroll) || isKnownToFail(),
  async run() {
    const why = whatIsMissing() ?? (await build());
    if (why === undefined) return 'built';
    await mkdir(dirname(failurePath), { recursive: true });
    await writeFile(failurePath, why);
    say(
      `! pgroll could not be built, so its adapter is not tested with it:\n           ${why}\n` +
        `  Put \`pgroll\` on your PATH, or mend that, remove ${failurePath} and run: node scripts/setup.mjs --with-tests`,
    );
    return 'without';
  },
};
