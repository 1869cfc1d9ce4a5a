import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowCode } from '../../src/workflow-code';

type Bundle = { readonly codePath: string };

const root = join(__dirname, '../..');
const folder = join(root, 'node_modules', '.cache', 'spillway-tests');
const dayMs = 86_400_000;

/** Every source, and the libraries that are bundled with them. */
function digest(): string {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(root, 'src', name),
  );
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), join(root, 'package-lock.json')])
    if (path.endsWith('.ts') || path.endsWith('.json')) hash.update(path).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

function forgetOldOnes(): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (modifiedMs < Date.now() - dayMs) rmSync(path, { force: true });
  }
}

async function bundleOnce(): Promise<Bundle> {
  const codePath = join(folder, `workflows-${digest()}.js`);
  if (existsSync(codePath)) return { codePath };
  mkdirSync(folder, { recursive: true });
  forgetOldOnes();
  const { code } = await bundleWorkflowCode({ ...workflowCode, logger: new DefaultLogger('WARN') });
  // Put there whole: another process may look for it at this moment.
  writeFileSync(`${codePath}.${process.pid}`, code);
  renameSync(`${codePath}.${process.pid}`, codePath);
  return { codePath };
}

let bundle: Promise<Bundle> | undefined;

/** Today's workflow code, bundled by the first test that needs it: bundling takes as long as many a test. */
export const workflowBundle = (): Promise<Bundle> => (bundle ??= bundleOnce());
