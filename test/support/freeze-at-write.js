'use strict';
// Loaded before a worker (`node --require`): once, it stands still right before it writes what FREEZE_AT matches to a socket,
// and names itself in the file FREEZE_FILE. Woken, it writes what it meant to write. The worker's own code knows nothing of it.
const { existsSync, renameSync, writeFileSync } = require('node:fs');
const { Socket } = require('node:net');

const pattern = new RegExp(process.env.FREEZE_AT);
const file = process.env.FREEZE_FILE;
const { write } = Socket.prototype;

Socket.prototype.write = function (chunk, ...rest) {
  if (typeof chunk === 'string' && pattern.test(chunk) && !existsSync(file)) {
    // Whole or not at all: somebody waits for it.
    writeFileSync(`${file}.next`, JSON.stringify({ pid: process.pid, chunk }));
    renameSync(`${file}.next`, file);
    process.kill(process.pid, 'SIGSTOP');
  }
  return write.call(this, chunk, ...rest);
};
