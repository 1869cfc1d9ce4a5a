import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { runCommand, say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { isSourceCheckout, rootDirectory } from './where.mjs';

const sourceDirectory = join(rootDirectory, 'src');
const outputDirectory = join(rootDirectory, 'dist');
const stampPath = join(outputDirectory, '.spillway-stamp');
const bundlePath = join(outputDirectory, 'workflow-bundle.js');

function listFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Names, sizes and times of all that goes into a build; the contents would take longer to read than they are worth. */
function fingerprint() {
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) =>
    join(rootDirectory, name),
  );
  const hash = createHash('sha256');
  for (const path of [...listFiles(sourceDirectory), ...settings].sort()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The compiler leaves the output of deleted sources behind, and a deleted workflow must not run on. */
function removeOrphans() {
  for (const path of listFiles(outputDirectory)) {
    const match = /^(.*?)(\.d\.ts|\.js|\.js\.map)$/.exec(relative(outputDirectory, path));
    if (!match || path === bundlePath) continue;
    if (!existsSync(join(sourceDirectory, `${match[1]}.ts`))) rmSync(path);
  }
}

async function compile() {
  const compiler = join(rootDirectory, 'node_modules', 'typescript', 'bin', 'tsc');
  // A half-deleted output would otherwise be taken for up to date by the incremental compiler.
  if (!existsSync(stampPath)) rmSync(join(outputDirectory, '.tsbuildinfo'), { force: true });
  const args = [compiler, '-p', join(rootDirectory, 'tsconfig.build.json'), '--pretty', 'false'];
  const result = await runCommand(process.execPath, args, { cwd: rootDirectory, isShown: true });
  if (result.isOk) return;
  throw createProblem({
    what: 'The sources do not compile (the compiler’s messages are above).',
    why: 'Either the sources were changed, or the libraries do not match them.',
    wayOut: 'Mend the sources, or run `npm ci`; then run: node scripts/build.mjs',
  });
}

async function bundleWorkflows() {
  const settings = join(outputDirectory, 'workflow-code.js');
  if (!existsSync(settings)) return;
  const require = createRequire(join(rootDirectory, 'package.json'));
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const logger = new DefaultLogger('ERROR', ({ message }) => say(message));
  const { workflowCode } = require(settings);
  const { code } = await bundleWorkflowCode({ ...workflowCode, logger });
  writeFileSync(bundlePath, code);
}

export const distribution = {
  name: 'build',
  isDone() {
    if (!isSourceCheckout()) return true;
    return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === fingerprint();
  },
  async run() {
    say('… building');
    const built = fingerprint();
    mkdirSync(outputDirectory, { recursive: true });
    removeOrphans();
    await compile();
    await bundleWorkflows();
    writeFileSync(stampPath, built);
  },
};
