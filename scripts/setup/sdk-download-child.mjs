// The SDK has no call that only downloads, so the server is started and stopped once.
import { createRequire } from 'node:module';
const { TestWorkflowEnvironment } = createRequire(import.meta.url)('@temporalio/testing');

const [kind, version, downloadDir] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', version: `v${version}`, downloadDir, ttl: '3650d' } };
try {
  const environment =
    kind === 'dev-server'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${String(error?.message ?? error).replaceAll('\n', ' ')}\n`);
  process.exit(1);
}
