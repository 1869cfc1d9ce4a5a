'use strict';

const { readFileSync } = require('node:fs');
const { readFile } = require('node:fs/promises');

const flagsIntervalMs = 200;

/**
 * The shop's configuration (read at start and by `reload`) and flags (a file looked at every 200 ms).
 * A file that turns bad while the shop runs is reported and the last good content stays in force.
 * @param {{ configFile: string | undefined, flagsFile: string | undefined }} files
 * @throws when the configuration cannot be read at start
 */
function createSettings({ configFile, flagsFile }) {
  let config = configFile ? JSON.parse(readFileSync(configFile, 'utf8')) : {};
  let flags = {};
  let flagsText = '';

  function reload() {
    if (!configFile) return;
    try {
      config = JSON.parse(readFileSync(configFile, 'utf8'));
    } catch (error) {
      process.stderr.write(`shop: the configuration stays as it was: ${error.message}\n`);
    }
  }

  async function readFlags() {
    const text = await readFile(flagsFile, 'utf8').catch(() => '{}');
    if (text === flagsText) return;
    flagsText = text;
    try {
      flags = JSON.parse(text);
    } catch (error) {
      process.stderr.write(`shop: the flags stay as they were: ${error.message}\n`);
    }
  }

  async function start() {
    if (!flagsFile) return;
    await readFlags();
    setInterval(readFlags, flagsIntervalMs).unref();
  }

  return { start, reload, current: () => ({ config, flags }) };
}

module.exports = { createSettings };
