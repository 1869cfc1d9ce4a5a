#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const nodeModule = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..');
const main = join(root, 'dist', 'cli', 'main.js');
const isReady = () => existsSync(main) && (existsSync(join(root, 'node_modules')) || !existsSync(join(root, 'src')));

// Only what can be told at once is looked at here: `--help` has to answer without a pause.
if (!isReady()) {
  const { spawnSync } = require('node:child_process');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs')], { stdio: ['ignore', 2, 2] });
  if (status !== 0 || !isReady()) {
    if (status === 0) process.stderr.write(`spillway: ${main} is missing after the set-up. Run: npm run build\n`);
    process.exit(1);
  }
}
// Where Node keeps compiled code, a worker that is started again takes over sooner.
nodeModule.enableCompileCache?.();
require(main);
