import { writeFileSync } from 'node:fs';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';

/** Bundles workflow code as the options, in JSON, say, into the file named last. */
export async function main([options = '', codePath = '']: readonly string[]): Promise<number> {
  const { code } = await bundleWorkflowCode({
    ...(JSON.parse(options) as BundleOptions),
    logger: new DefaultLogger('ERROR'),
  });
  writeFileSync(codePath, code);
  return 0;
}
