'use strict';

const { createServer } = require('node:http');
const { createBehaviour } = require('./behaviours');
const { createMetrics } = require('./metrics');
const { createOrders, readOrder } = require('./orders');
const { createSettings } = require('./settings');
const { answerJson, readJson } = require('./http');

/**
 * The sample shop: a small HTTP service that keeps orders. Started by the environment:
 * PORT, SHOP_VERSION, SHOP_SLOT, SHOP_DATABASE_URL, SHOP_CONFIG_FILE, SHOP_FLAGS_FILE,
 * SHOP_SEED, SHOP_FAIL_SHARE, SHOP_FAIL_AFTER_MS. See README.md beside this file.
 */
const environment = process.env;
const version = environment.SHOP_VERSION ?? '1.0.0';
const slot = environment.SHOP_SLOT ?? 'blue';
const stopWithinMs = 1800;

const behaviour = createBehaviour({ version, environment });
const metrics = createMetrics();
const orders = createOrders({ databaseUrl: environment.SHOP_DATABASE_URL, version });
let phase = 'starting';

/** @type {ReturnType<typeof createSettings>} */
let settings;

async function answerOrder(response, id) {
  const order = await orders.find(id);
  if (order === undefined) return answerJson(response, 404, { error: `there is no order ${id}` });
  return answerJson(response, 200, order);
}

async function takeOrder(request, response) {
  const order = readOrder(await readJson(request));
  if (order === undefined) {
    return answerJson(response, 400, {
      error: 'an order has customerName (or givenName and familyName) and totalCents',
    });
  }
  const { maxTotalCents = Infinity } = settings.current().config;
  if (order.totalCents > maxTotalCents) {
    return answerJson(response, 422, { error: `an order is for ${maxTotalCents} cents at most` });
  }
  const taken = await orders.add(order);
  metrics.countOrder();
  return answerJson(response, 201, taken);
}

/** @returns {{ route: string, answer: () => unknown } | undefined} the user route of a request */
function findUserRoute(request, response) {
  const { method, url } = request;
  if (method === 'GET' && url === '/') {
    const answer = () => answerJson(response, 200, { shop: 'open', version, slot, ...settings.current() });
    return { route: '/', answer };
  }
  if (method === 'POST' && url === '/orders') return { route: '/orders', answer: () => takeOrder(request, response) };
  const id = method === 'GET' ? /^\/orders\/(\d{1,15})$/.exec(url)?.[1] : undefined;
  if (id !== undefined) return { route: '/orders/:id', answer: () => answerOrder(response, Number(id)) };
  return { route: 'other', answer: () => answerJson(response, 404, { error: `there is nothing at ${url}` }) };
}

function answerHealth(response) {
  const error = settings.fault();
  const isHealthy = phase === 'ok' && !behaviour.report().neverHealthy && error === undefined;
  const status = phase === 'ok' && !isHealthy ? 'unhealthy' : phase;
  answerJson(response, isHealthy ? 200 : 503, { status, version, slot, error });
}

async function answerMetrics(response) {
  response.setHeader('content-type', metrics.contentType);
  response.end(await metrics.text());
}

/** The control endpoint answers only callers of this machine that did not come through the proxy. */
async function answerAdmin(request, response) {
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '');
  if (!isLocal || request.headers['x-forwarded-for'] !== undefined) {
    return answerJson(response, 403, { error: 'the control endpoint is for this machine only' });
  }
  if (request.method === 'POST') {
    const refusal = behaviour.change(await readJson(request));
    if (refusal !== undefined) return answerJson(response, 400, { error: refusal });
  }
  return answerJson(response, 200, behaviour.report());
}

async function answerUser(request, response) {
  const startedAt = performance.now();
  const { route, answer } = findUserRoute(request, response);
  response.on('finish', () =>
    metrics.countAnswer({
      code: response.statusCode,
      method: request.method,
      route,
      seconds: (performance.now() - startedAt) / 1000,
    }),
  );
  // The engine's own checks see the shop as it is before users reach it.
  if (request.headers['x-spillway-check'] !== undefined) return answer();
  const { fails, delayMs, hangs } = behaviour.treat();
  if (hangs) return undefined;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (!fails) return answer();
  behaviour.noteFailure();
  return answerJson(response, 500, { error: 'this version of the shop is broken' });
}

function route(request, response) {
  if (request.url === '/healthz') return answerHealth(response);
  if (request.url === '/metrics') return answerMetrics(response);
  if (request.url === '/admin/behaviour') return answerAdmin(request, response);
  return answerUser(request, response);
}

async function handle(request, response) {
  response.setHeader('x-version', version);
  response.setHeader('x-slot', slot);
  if (phase === 'stopping') response.setHeader('connection', 'close');
  try {
    await route(request, response);
  } catch (error) {
    process.stderr.write(`shop: ${request.method} ${request.url} failed: ${error.message}\n`);
    if (!response.headersSent) answerJson(response, 503, { error: 'the shop cannot answer now' });
  }
}

const server = createServer(handle);
// Longer than any proxy keeps an idle connection, so that the proxy is the one to close it.
server.keepAliveTimeout = 75_000;
server.headersTimeout = 80_000;

/** Stops listening, finishes what is in flight, closes idle connections and ends within two seconds. */
function stop() {
  if (phase === 'stopping') return;
  phase = 'stopping';
  server.close(() => orders.close().then(() => process.exit(0)));
  setInterval(() => server.closeIdleConnections(), 20);
  setTimeout(() => process.exit(0), stopWithinMs);
}

async function becomeReady() {
  while (phase === 'starting') {
    try {
      await orders.check();
      if (phase === 'starting') phase = 'ok';
    } catch (error) {
      process.stderr.write(`shop: not ready, orders cannot be read: ${error.message}\n`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function fail(message) {
  process.stderr.write(`shop: ${message}\n`);
  process.exit(1);
}

async function main() {
  if (behaviour.report().exitsAtStart) fail(`version ${version} ends at start`);
  settings = createSettings({ configFile: environment.SHOP_CONFIG_FILE, flagsFile: environment.SHOP_FLAGS_FILE });
  settings.start();
  server.on('error', (error) => fail(`cannot listen on port ${environment.PORT}: ${error.message}`));
  server.listen(Number(environment.PORT ?? 0), '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ port: server.address().port, version, slot })}\n`);
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => settings.reload());
  // A killed supervisor cannot stop its processes, so they end when its channel breaks.
  if (process.connected) process.on('disconnect', () => process.exit(0));
  await becomeReady();
}

main().catch((error) => fail(error.message));
