import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runCommand, say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { findProgram } from './where.mjs';

const policyPath = '/usr/sbin/policy-rc.d';

/** Programs, and their packages where those have other names. */
const stackPrograms = {
  haproxy: {},
  prometheus: { dnf: 'golang-github-prometheus', zypper: 'golang-github-prometheus-prometheus' },
};
const testPrograms = {
  git: {},
  'ssh-keygen': {
    'apt-get': 'openssh-client',
    dnf: 'openssh',
    apk: 'openssh-keygen',
    brew: 'openssh',
    pacman: 'openssh',
    zypper: 'openssh-common',
  },
};

export const systemPackages = installed({
  name: 'HAProxy and Prometheus',
  programs: stackPrograms,
  why: 'The embedded stack splits real traffic with HAProxy and measures it with Prometheus.',
  areServers: true,
});

export const testPackages = installed({
  name: 'git and ssh-keygen',
  programs: testPrograms,
  why: 'Tests keep configuration in a git repository and sign its commits.',
  areServers: false,
});

function installed(wanted) {
  const { name, programs } = wanted;
  const missing = () => Object.keys(programs).filter((program) => !findProgram(program));
  return {
    name,
    isDone: () => missing().length === 0,
    async run() {
      const names = missing();
      const aptGet = findProgram('apt-get');
      if (!aptGet || process.getuid?.() !== 0) throw explain(names, aptGet, wanted);
      const packages = packagesOf(names, 'apt-get', programs);
      say(`… installing ${packages.join(' and ')} with apt-get`);
      const result = await withoutServiceStart(() => installWithApt(aptGet, packages));
      if (result.isOk && missing().length === 0) return;
      throw createProblem({
        what: `${names.join(' and ')} could not be installed with apt-get.`,
        why: result.tail || 'apt-get ended without the programs being there.',
        wayOut: `Check the network and /etc/apt/sources.list*, then run: apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`,
      });
    },
  };
}

const packagesOf = (names, installer, programs) => names.map((name) => programs[name][installer] ?? name);

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

function explain(names, aptGet, { programs, why, areServers }) {
  const what = `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing.`;
  const list = (installer) => packagesOf(names, installer, programs).join(' ');
  if (aptGet) {
    const command = `sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${list('apt-get')}'`;
    const then = areServers
      ? `   then: sudo systemctl disable --now ${list('apt-get')}   (Spillway starts its own) and run this again.`
      : '   and run this again.';
    return createProblem({
      what,
      why: `${why} Installing them needs root, and this is an ordinary user.`,
      wayOut: `Run: ${command}${then}`,
    });
  }
  const commands = {
    dnf: 'sudo dnf install',
    apk: 'sudo apk add',
    brew: 'brew install',
    pacman: 'sudo pacman -S',
    zypper: 'sudo zypper install',
  };
  const installer = Object.keys(commands).find((program) => findProgram(program));
  const elsewhere = areServers ? ', or https://www.haproxy.org and https://prometheus.io/download' : '';
  const command = installer
    ? `${commands[installer]} ${list(installer)}`
    : `the package manager of this system${elsewhere}`;
  return createProblem({ what, why, wayOut: `Install with: ${command}   and run this again.` });
}
