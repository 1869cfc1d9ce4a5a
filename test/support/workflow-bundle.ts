import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BundleOptions } from '@temporalio/worker';
import { workflowCode } from '../../src/workflow-code';

type Bundle = { readonly codePath: string };

const root = join(__dirname, '../..');
const folder = join(root, 'node_modules', '.cache', 'spillway-tests');
const dayMs = 86_400_000;

/** What is bundled and how, every source, and the libraries that are bundled with them. */
function digest(options: BundleOptions): string {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(root, 'src', name),
  );
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const path of [...sources.sort(), join(root, 'package-lock.json'), options.workflowsPath])
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

async function bundleOnce(options: BundleOptions): Promise<Bundle> {
  const codePath = join(folder, `workflows-${digest(options)}.js`);
  if (existsSync(codePath)) return { codePath };
  mkdirSync(folder, { recursive: true });
  forgetOldOnes();
  const unfinished = `${codePath}.${process.pid}`;
  // In a process of its own: the bundler loads parts of itself late, and jest refuses that between two concurrent tests.
  const script = [join(root, 'bench/run.mjs'), join(__dirname, 'bundle.ts')];
  await promisify(execFile)(process.execPath, [...script, JSON.stringify(options), unfinished], { cwd: root });
  // Put there whole: another process may look for it at this moment.
  renameSync(unfinished, codePath);
  return { codePath };
}

const bundles = new Map<string, Promise<Bundle>>();

/** Workflow code, bundled by the first test that needs it, as the workers' own unless told: bundling takes as long as many a test. */
export function workflowBundle(options: BundleOptions = workflowCode): Promise<Bundle> {
  const key = JSON.stringify(options);
  const bundle = bundles.get(key) ?? bundleOnce(options);
  bundles.set(key, bundle);
  return bundle;
}
