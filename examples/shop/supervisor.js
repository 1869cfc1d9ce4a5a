'use strict';

const { existsSync, unlinkSync } = require('node:fs');
const net = require('node:net');
const { createSlot } = require('./slot');

/**
 * Stands in for the platform's process supervisor: owns the processes of both slots and answers slotctl.js,
 * one JSON line for one JSON line. Started by the environment: SHOP_SUPERVISOR_SOCKET, SHOP_BLUE_PORT,
 * SHOP_GREEN_PORT, SHOP_BLUE_CONFIG_FILE, SHOP_GREEN_CONFIG_FILE; everything else beginning with SHOP_ goes on to the processes. It restarts nothing by itself.
 */
const environment = process.env;
const path = environment.SHOP_SUPERVISOR_SOCKET;
const longestRequest = 4096;

function fail(message) {
  process.stderr.write(`supervisor: ${message}\n`);
  process.exit(1);
}

function readPort(name) {
  const port = Number(environment[name]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(`${name} must be a port number`);
  return port;
}

if (!path) fail('SHOP_SUPERVISOR_SOCKET must name a socket');
const slotOf = (name, prefix) =>
  createSlot({
    name,
    port: readPort(`${prefix}_PORT`),
    configFile: environment[`${prefix}_CONFIG_FILE`],
    environment,
  });
const slots = { blue: slotOf('blue', 'SHOP_BLUE'), green: slotOf('green', 'SHOP_GREEN') };

const verbs = {
  deploy: (slot, request) => slot.deploy(request),
  drain: (slot, request) => slot.drain(request),
  undeploy: (slot, request) => slot.undeploy(request),
  status: () => undefined,
};

async function answer(line) {
  const request = JSON.parse(line);
  const slot = Object.hasOwn(slots, request.slot) ? slots[request.slot] : undefined;
  if (slot === undefined) return { refusal: `there is no slot ${request.slot}; the slots are blue and green` };
  if (!Object.hasOwn(verbs, request.verb)) return { refusal: `there is no command ${request.verb}` };
  const refusal = verbs[request.verb](slot, request);
  return refusal === undefined ? slot.status() : { refusal };
}

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', async (chunk) => {
    if (text.includes('\n')) return;
    text += chunk;
    if (text.length > longestRequest) socket.destroy();
    if (!text.includes('\n')) return;
    const reply = await answer(text.slice(0, text.indexOf('\n'))).catch((error) => ({ refusal: error.message }));
    socket.end(`${JSON.stringify(reply)}\n`);
  });
});

let isStopping = false;
async function stop() {
  if (isStopping) return;
  isStopping = true;
  server.close();
  await Promise.all(Object.values(slots).map((slot) => slot.close()));
  process.exit(0);
}

function listen() {
  process.umask(0o077);
  server.on('error', (error) => fail(`cannot listen on ${path}: ${error.message}`));
  server.listen(path, () => process.stdout.write(`${JSON.stringify({ socket: path, pid: process.pid })}\n`));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.connected) process.on('disconnect', stop);
}

/** A socket file left by a killed supervisor is removed; one that still answers is respected. */
function start() {
  if (!existsSync(path)) return listen();
  const other = net.connect({ path }, () => fail(`another supervisor already answers at ${path}`));
  other.on('error', () => {
    unlinkSync(path);
    listen();
  });
  return undefined;
}

start();
