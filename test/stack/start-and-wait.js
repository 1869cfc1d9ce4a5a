// Starts a whole stack in a process of its own, tells its parent what it started, and waits to be killed.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, path) => {
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
  module._compile(transformSync(readFileSync(path, 'utf8'), { ...options, filename: path }).code, path);
};
const { startStack } = require('../../src/stack/start-stack.ts');

void startStack().then((stack) => {
  const components = [stack.temporal, stack.postgres, stack.prometheus, ...stack.haproxy];
  process.send({
    runDirectory: stack.runDirectory,
    pids: components.map((component) => component.pid()),
    urls: [`http://${stack.temporal.address}`, stack.postgres.dsn(), stack.prometheus.url, stack.haproxy[0].trafficUrl],
  });
  setInterval(() => undefined, 60_000);
});
