import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const launcher = join(__dirname, '..', '..', 'bin', 'spillway.js');

test('a command whose reader has gone away ends without a word', async () => {
  const script = `"$0" "$1" --help | true; echo "ended with \${PIPESTATUS[0]}"`;
  expect(await promisify(execFile)('bash', ['-c', script, process.execPath, launcher])).toEqual({
    stdout: 'ended with 141\n',
    stderr: '',
  });
});
