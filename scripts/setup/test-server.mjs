import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand, say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { downloadWithSdk } from './sdk-download.mjs';
import { cacheDirectory, cachedTestServer, findProgram, testServerVersion } from './where.mjs';

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>spillway</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${testServerVersion}</version>
    </dependency>
  </dependencies>
</project>
`;

// The SDK stops the process it started, so the shell must become Java and not wait for it.
const wrapper = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;

export const testServer = {
  name: 'time-skipping test server',
  isDone: () => existsSync(cachedTestServer),
  async run() {
    say('… downloading the time-skipping test server with the Temporal SDK');
    const refusal = await downloadWithSdk({
      kind: 'time-skipping',
      version: testServerVersion,
      target: cachedTestServer,
    });
    if (refusal === undefined) return;
    say(`  that did not work (${refusal})`);
    const maven = findProgram('mvn');
    const absent = [maven ? [] : ['Maven'], findProgram('java') ? [] : ['Java 11 or newer']].flat();
    if (!maven || absent.length > 0) {
      throw createProblem({
        what: `The time-skipping test server is missing: it could not be downloaded, and ${absent.join(' and ')} to fetch and run it ${absent.length > 1 ? 'are' : 'is'} not there either.`,
        why: `Tests with bake times of hours and days run on it (not needed for the demo). The download said: ${refusal}`,
        wayOut:
          'Install both, for example: sudo apt-get install default-jre-headless maven   or: brew install openjdk maven   and run: node scripts/setup.mjs --with-tests',
      });
    }
    await fetchWithMaven(maven);
  },
};

async function fetchWithMaven(maven) {
  say(`… fetching version ${testServerVersion} from Maven Central instead, some seconds`);
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, 'maven-'));
  try {
    await writeFile(join(directory, 'pom.xml'), pom);
    await writeFile(join(directory, 'temporal-test-server'), wrapper, { mode: 0o755 });
    const goal = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(directory, 'lib')}`,
    ];
    const result = await runCommand(maven, ['-q', '-B', ...goal], { cwd: directory });
    if (!result.isOk) {
      throw createProblem({
        what: 'The time-skipping test server could not be fetched from Maven Central.',
        why: `\`mvn dependency:copy-dependencies\` said:\n           ${result.tail}`,
        wayOut:
          'Check that Maven Central can be reached (proxy and mirrors are set in ~/.m2/settings.xml), then run: node scripts/setup.mjs --with-tests',
      });
    }
    const target = dirname(cachedTestServer);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(directory, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
