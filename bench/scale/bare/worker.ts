import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, Runtime } from '@temporalio/worker';
import { composePorts } from '../../../src/compose-ports';
import { readEnvironmentFile } from '../../../src/descriptor-files/read-environment-file';
import { readPolicyFile } from '../../../src/descriptor-files/read-policy-file';
import { startWorker } from '../../../src/worker';
import { connectWorker, temporalPorts } from '../../../src/worker-connection';

/** `worker ENVIRONMENT POLICY READY`: the product's own worker with the bare workflow in it. */
export async function main([
  environmentFile = '',
  policyFile = '',
  readyFile = '',
]: readonly string[]): Promise<number> {
  const [environment, policy] = [await readEnvironmentFile(environmentFile), await readPolicyFile(policyFile)];
  if (!environment.ok || !policy.ok) throw new Error(JSON.stringify([environment, policy]));
  Runtime.install({ shutdownSignals: [] });
  const { connection, namespace } = await connectWorker({});
  const ports = await composePorts({
    environment: environment.value,
    policy: policy.value,
    env: process.env,
    temporal: temporalPorts(connection, namespace),
  });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: join(__dirname, 'workflow.ts') });
  const worker = await startWorker({ connection, namespace, ports, workflowBundle });
  await writeFile(readyFile, '');
  process.once('SIGTERM', () => process.exit(0));
  await worker.done;
  return 1;
}
