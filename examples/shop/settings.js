'use strict';

const { existsSync, readFileSync } = require('node:fs');

const lookEveryMs = 200;

/** A file that is not there is a document without anything in it: Spillway takes one away that it found absent. */
const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '{}');

/** One JSON document that is looked at again and again. A file that turns bad is reported and the last good content stays in force. */
function createDocument(name, file) {
  let text = '{}';
  let value = {};

  function look() {
    if (!file) return;
    try {
      const found = readText(file);
      if (found === text) return;
      text = found;
      value = JSON.parse(found);
    } catch (error) {
      process.stderr.write(`shop: the ${name} stays as it was: ${error.message}\n`);
    }
  }

  look();
  return { look, current: () => value };
}

/** Why the shop does not work by a configuration; undefined when it does. */
function faultOf({ maxTotalCents }) {
  if (maxTotalCents === undefined || (Number.isInteger(maxTotalCents) && maxTotalCents > 0)) return undefined;
  return 'maxTotalCents is no whole number above 0';
}

/**
 * The shop's configuration and flags, each a file looked at every 200 ms and by `reload`.
 * @param {{ configFile: string | undefined, flagsFile: string | undefined }} files
 * @throws when the configuration is no JSON at start: the flags are shared, and what others break there stops no process
 */
function createSettings({ configFile, flagsFile }) {
  if (configFile) JSON.parse(readText(configFile));
  const config = createDocument('configuration', configFile);
  const flags = createDocument('flags file', flagsFile);

  function reload() {
    config.look();
    flags.look();
  }

  return {
    start: () => void setInterval(reload, lookEveryMs).unref(),
    reload,
    /** @returns {string | undefined} */
    fault: () => faultOf(config.current()),
    current: () => ({ config: config.current(), flags: flags.current() }),
  };
}

module.exports = { createSettings };
