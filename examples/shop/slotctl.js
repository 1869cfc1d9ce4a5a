'use strict';

const net = require('node:net');

/**
 * The deploy commands of the sample shop: asks the supervisor, prints one JSON line and returns at once.
 *
 *   node slotctl.js deploy|status|drain|undeploy --slot green --version 2.0.0 --release KEY [--socket PATH]
 *
 * A test makes the command itself fail with `--fault hang|exit` or SHOP_SLOTCTL_FAULT=hang|exit (or deploy:hang).
 */
const verbs = ['deploy', 'status', 'drain', 'undeploy'];
const options = ['slot', 'version', 'release', 'socket', 'fault'];
const answerWithinMs = 5000;

function fail(message) {
  process.stderr.write(`slotctl: ${message}\n`);
  process.exit(1);
}

function readArguments([verb, ...rest]) {
  if (!verbs.includes(verb)) fail(`use one of ${verbs.join(', ')}`);
  const request = { verb };
  for (let index = 0; index < rest.length; index += 2) {
    const name = rest[index].replace(/^--/, '');
    if (!rest[index].startsWith('--') || !options.includes(name)) fail(`unknown argument ${rest[index]}`);
    if (rest[index + 1] === undefined) fail(`--${name} needs a value`);
    request[name] = rest[index + 1];
  }
  if (!request.slot) fail('--slot is missing');
  if (verb === 'deploy' && !request.version) fail('--version is missing');
  if (verb !== 'status' && !request.release) fail('--release is missing');
  return request;
}

function injectFault({ verb, fault }) {
  const [kind, onlyVerb] = (fault ?? process.env.SHOP_SLOTCTL_FAULT ?? '').split(':').reverse();
  if (onlyVerb !== undefined && onlyVerb !== verb) return false;
  if (kind === 'exit') fail('fault injected: exit');
  if (kind === 'hang') setInterval(() => undefined, 60_000);
  return kind === 'hang';
}

function ask(request, path) {
  const socket = net.connect({ path }, () => socket.write(`${JSON.stringify(request)}\n`));
  const unreachable = (why) => fail(`the supervisor at ${path} does not answer (${why}); is it running?`);
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(answerWithinMs, () => unreachable(`nothing in ${answerWithinMs} ms`));
  socket.on('error', (error) => unreachable(error.code));
  socket.on('data', (chunk) => (text += chunk));
  socket.on('end', () => {
    if (text === '') unreachable('it hung up');
    const { refusal, ...status } = JSON.parse(text);
    if (refusal !== undefined) fail(refusal);
    process.stdout.write(`${JSON.stringify(status)}\n`);
  });
}

const request = readArguments(process.argv.slice(2));
const socketPath = request.socket ?? process.env.SHOP_SUPERVISOR_SOCKET;
if (!socketPath) fail('name the supervisor by SHOP_SUPERVISOR_SOCKET or --socket');
if (!injectFault(request)) ask(request, socketPath);
