import { writeFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { formatIssue, type Parsed } from '../../src/core/descriptor/issue';
import { parseDescriptor } from '../../src/core/descriptor/parse';
import { readEnvironmentFile } from '../../src/descriptor-files/read-environment-file';
import { readPolicyFile } from '../../src/descriptor-files/read-policy-file';
import { initFiles } from '../../src/descriptor-files/templates';
import { temporaryDirectory } from '../support/temporary-directory';

const textOf = (name: string, service = 'shop'): string =>
  initFiles({ service }).find((file) => file.path === name)?.text ?? '';
const issues = (parsed: Parsed<unknown>): readonly string[] => (parsed.ok ? [] : parsed.issues.map(formatIssue));

describe('the files to start from', () => {
  it.each(['shop', '123', 'on', 'null'])('have no issue for the service %s', async (service) => {
    const folder = await temporaryDirectory();
    try {
      for (const { path: name, text } of initFiles({ service })) await writeFile(path.join(folder.path, name), text);
      // Mounted configuration is a link.
      const linked = path.join(folder.path, 'linked.yaml');
      await symlink('environment.yaml', linked);
      const descriptor = parseDescriptor(textOf('release.yaml', service), 'release.yaml');
      const environment = await readEnvironmentFile(linked);
      const policy = await readPolicyFile(path.join(folder.path, 'policy.yaml'));
      expect([descriptor, environment, policy].flatMap(issues)).toEqual([]);
      expect(descriptor.ok && environment.ok && descriptor.value.service in environment.value.services).toBe(true);
    } finally {
      await folder.remove();
    }
  });

  it('stay right when what is commented out is taken in', () => {
    const all = textOf('release.yaml').replace(/^# (?=stages|gates|migrations|  )/gm, '');
    expect(issues(parseDescriptor(all, 'release.yaml'))).toEqual([]);
    expect(all).not.toMatch(/^# +-/m);
  });

  it('begin with a descriptor of at most 12 lines', () => {
    const lines = textOf('release.yaml')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
    expect(lines.length).toBeLessThanOrEqual(12);
  });

  it('tell a file that is not there', async () => {
    expect(issues(await readEnvironmentFile('/nowhere/environment.yaml'))).toEqual([
      '/nowhere/environment.yaml:1:1 file-missing: there is no such file; create it, or correct its path',
    ]);
    expect(issues(await readPolicyFile('/'))).toEqual([
      '/:1:1 file-not-regular: this is a folder and not a file; name a file',
    ]);
  });
});
