import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runCommand, say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { findProgram } from './where.mjs';

const programs = ['haproxy', 'prometheus'];
const policyPath = '/usr/sbin/policy-rc.d';
const missing = () => programs.filter((name) => !findProgram(name));

export const systemPackages = {
  name: 'HAProxy and Prometheus',
  isDone: () => missing().length === 0,
  async run() {
    const names = missing();
    const aptGet = findProgram('apt-get');
    if (!aptGet || process.getuid?.() !== 0) throw explain(names, aptGet);
    say(`… installing ${names.join(' and ')} with apt-get`);
    const result = await withoutServiceStart(() => installWithApt(aptGet, names));
    if (result.isOk && missing().length === 0) return;
    throw createProblem({
      what: `${names.join(' and ')} could not be installed with apt-get.`,
      why: result.tail || 'apt-get ended without the programs being there.',
      wayOut: `Check the network and /etc/apt/sources.list*, then run: apt-get update && apt-get install --no-install-recommends ${names.join(' ')}`,
    });
  },
};

async function installWithApt(aptGet, names) {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } };
  const update = await runCommand(aptGet, ['update', '-q'], options);
  const lockWait = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = await runCommand(
    aptGet,
    [...lockWait, 'install', '-y', '-q', '--no-install-recommends', ...names],
    options,
  );
  // A failed update matters only when the lists at hand were not good enough.
  return install.isOk
    ? install
    : { ...install, tail: `${update.isOk ? '' : update.tail}\n           ${install.tail}`.trim() };
}

/** Debian starts servers on installation; exit code 101 of this file is its documented way to say no. */
async function withoutServiceStart(work) {
  if (existsSync(policyPath)) return work();
  const remove = () => rmSync(policyPath, { force: true });
  writeFileSync(policyPath, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function explain(names, aptGet) {
  const list = names.join(' ');
  const what = `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing.`;
  const why = 'The embedded stack splits real traffic with HAProxy and measures it with Prometheus.';
  if (aptGet) {
    const command = `sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${list}'`;
    return createProblem({
      what,
      why: `${why} Installing them needs root, and this is an ordinary user.`,
      wayOut: `Run: ${command}   then: sudo systemctl disable --now ${list}   (Spillway starts its own) and run this again.`,
    });
  }
  const commands = [
    [
      'dnf',
      `sudo dnf install ${names.map((name) => (name === 'prometheus' ? 'golang-github-prometheus' : name)).join(' ')}`,
    ],
    ['apk', `sudo apk add ${list}`],
    ['brew', `brew install ${list}`],
    ['pacman', `sudo pacman -S ${list}`],
    [
      'zypper',
      `sudo zypper install ${names.map((name) => (name === 'prometheus' ? 'golang-github-prometheus-prometheus' : name)).join(' ')}`,
    ],
  ];
  const found = commands.find(([program]) => findProgram(program));
  const command =
    found?.[1] ?? 'the package manager of this system, or https://www.haproxy.org and https://prometheus.io/download';
  return createProblem({ what, why, wayOut: `Install with: ${command}   and run this again.` });
}
