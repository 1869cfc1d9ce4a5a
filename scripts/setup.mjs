// Old Node versions must reach the message below, so nothing else is imported before the check.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `\nSpillway needs Node.js 20.19 or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one, for example from https://nodejs.org or with `nvm install 22`, and run the command again.\n',
  );
  process.exit(1);
}
const { runSetup } = await import('./setup/run-setup.mjs');
process.exitCode = await runSetup({ withTests: process.argv.includes('--with-tests') });
