'use strict';

const { spawn } = require('node:child_process');
const { get } = require('node:http');
const { join } = require('node:path');

const serverFile = join(__dirname, 'server.js');
const killAfterMs = 2500;
const probeWithinMs = 500;

/** @returns {Promise<{ isReady: boolean, detail: string }>} what the process at the URL says about itself now */
function probe(url, { version, slot }) {
  return new Promise((resolve) => {
    const request = get(`${url}/healthz`, { agent: false, timeout: probeWithinMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        const { statusCode, headers } = response;
        const isOwn = headers['x-version'] === version && headers['x-slot'] === slot;
        const isReady = statusCode === 200 && isOwn;
        resolve({ isReady, detail: isReady ? '' : `/healthz answers ${statusCode} ${text}` });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${probeWithinMs} ms`)));
    request.on('error', (error) => resolve({ isReady: false, detail: `/healthz: ${error.message}` }));
  });
}

/**
 * One place a version runs in: at most one process, and the release it was deployed by.
 * @param {{ name: string, port: number, configFile: string | undefined, environment: NodeJS.ProcessEnv }} place
 */
function createSlot({ name, port, configFile, environment }) {
  const url = `http://127.0.0.1:${port}`;
  const configuration = configFile ? { SHOP_CONFIG_FILE: configFile } : {};
  /** @type {{ version: string, release: string } | undefined} */
  let deployed;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  let state = 'absent';
  let detail = '';

  const set = (newState, newDetail = '') => ([state, detail] = [newState, newDetail]);

  function start() {
    const { version } = deployed;
    let lastLine = '';
    set('starting');
    child = spawn(process.execPath, [serverFile], {
      env: { ...environment, ...configuration, PORT: String(port), SHOP_VERSION: version, SHOP_SLOT: name },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      lastLine = text.trim().split('\n').at(-1);
      process.stderr.write(`${name} ${version}: ${text}`);
    });
    child.on('error', (error) => (lastLine = error.message));
    child.on('close', (code, signal) => settle(`ended with ${signal ?? `exit code ${code}`}. ${lastLine}`.trim()));
  }

  /** A process ended: what comes next depends on why the slot let go of it. */
  function settle(ending) {
    child = undefined;
    if (state === 'absent') return;
    if (state === 'replacing') start();
    else if (state === 'undeploying') forget();
    else if (state === 'draining') set('stopped', 'drained');
    else set('failed', ending);
  }

  function forget() {
    deployed = undefined;
    set('absent');
  }

  function stopChild() {
    const stopping = child;
    stopping.kill('SIGTERM');
    const timer = setTimeout(() => stopping.kill('SIGKILL'), killAfterMs);
    stopping.on('close', () => clearTimeout(timer));
  }

  function deploy({ version, release }) {
    const isSame = deployed?.version === version && deployed.release === release;
    if (deployed?.release === release && !isSame) {
      return `release ${release} has already put ${deployed.version} in slot ${name}, not ${version}`;
    }
    if (isSame && ['starting', 'running', 'replacing'].includes(state)) return undefined;
    const isStopping = ['draining', 'undeploying', 'replacing'].includes(state);
    deployed = { version, release };
    if (child === undefined) start();
    else {
      set('replacing', `waits for process ${child.pid} to end`);
      if (!isStopping) stopChild();
    }
    return undefined;
  }

  const refuse = (verb, release) =>
    deployed !== undefined && deployed.release !== release
      ? `slot ${name} was deployed by release ${deployed.release}: release ${release} may not ${verb} it`
      : undefined;

  function drain({ release }) {
    const refusal = refuse('drain', release);
    if (refusal !== undefined || deployed === undefined) return refusal;
    if (state === 'replacing') set('draining');
    if (!['starting', 'running'].includes(state)) return undefined;
    set('draining');
    stopChild();
    return undefined;
  }

  function undeploy({ release }) {
    const refusal = refuse('undeploy', release);
    if (refusal !== undefined || deployed === undefined) return refusal;
    if (child === undefined) forget();
    else {
      if (['starting', 'running'].includes(state)) stopChild();
      set('undeploying');
    }
    return undefined;
  }

  /** What the slot is now; readiness is asked of the process itself at each call. */
  async function status() {
    const { version = null, release = null } = deployed ?? {};
    if (state === 'starting' || state === 'running') {
      const asked = child;
      const { isReady, detail: answer } = await probe(url, { version, slot: name });
      if (child === asked && (state === 'starting' || state === 'running')) {
        if (isReady) set('running');
        return describe({ version, release, ready: isReady, detail: answer });
      }
    }
    return describe({ version: deployed?.version ?? null, release: deployed?.release ?? null, ready: false, detail });
  }

  function describe({ version, release, ready, detail: why }) {
    const shown = { replacing: 'starting', undeploying: 'draining' }[state] ?? state;
    return { slot: name, version, release, state: shown, ready, pid: child?.pid ?? null, url, detail: why };
  }

  /** Stops the process for good; resolves when it is gone. */
  async function close() {
    if (child === undefined) return;
    const closed = new Promise((resolve) => child.on('close', resolve));
    set('absent');
    stopChild();
    await closed;
  }

  return { deploy, drain, undeploy, status, close };
}

module.exports = { createSlot };
