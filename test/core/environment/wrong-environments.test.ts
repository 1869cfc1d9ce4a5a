import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseEnvironment } from '../../../src/core/environment/parse';
import { issueOf } from '../descriptor/issue-of';

const good = `apiVersion: spillway/v1
kind: environment
name: production
store: { dsn: env:STORE_DSN }
sealKey: file:/run/secrets/seal
targets:
  proxy: { kind: haproxy, backend: shop, sockets: [/run/haproxy.sock], stateFiles: none }
  slots: { kind: exec, deploy: [a], status: [a], drain: [a], undeploy: [a], urls: { blue: "http://b", green: "http://g" } }
  data: { kind: postgres, dsn: env:DATA_DSN }
services:
  shop: { traffic: proxy, deployer: slots, database: data }
`;

const rows: readonly (readonly [name: string, from: string, to: string, issue: string, fix: string])[] = [
  ['a descriptor', good, 'kind: policy', '1:1 wrong-file', 'name the environment file'],
  [
    'a target that is not there',
    'traffic: proxy',
    'traffic: proxi',
    '11:20 target-unknown services.shop.traffic',
    'did you mean proxy?',
  ],
  [
    'a target that cannot do it',
    'traffic: proxy',
    'traffic: data',
    '11:20 target-unfit services.shop.traffic',
    'name a target of kind haproxy',
  ],
  [
    'a kind of target that is misspelt',
    'kind: postgres',
    'kind: postgre',
    '9:17 word-unknown targets.data.kind',
    'did you mean postgres?',
  ],
  ['a target without kind', 'kind: haproxy, ', '', '7:3 key-missing targets.proxy.kind', 'add `kind: haproxy`'],
  [
    'a key of another kind of target',
    'kind: postgres,',
    'kind: postgres, backend: x,',
    '9:27 key-unknown targets.data.backend',
    'allowed here: kind, dsn, schemas, lockTimeout, statementTimeout, roles, maxCopy, backup, testRestore, backupTimeout, trial, tool',
  ],
  [
    'a misspelt key of a target',
    'backend: shop',
    'backend: shop, server: {}',
    '7:42 key-unknown targets.proxy.server',
    'did you mean servers?',
  ],
  [
    'a HAProxy of which nobody says what a crash does',
    ', stateFiles: none',
    '',
    '7:3 state-files-missing targets.proxy.stateFiles',
    'add the `server-state-file` of each HAProxy, such as `stateFiles: [/var/lib/haproxy/state]`, or accept the loss by `stateFiles: none`',
  ],
  [
    'a state file that is no list',
    'stateFiles: none',
    'stateFiles: /var/lib/haproxy/state',
    '7:84 state-files-unfit targets.proxy.stateFiles',
    'write one path for each socket, such as `stateFiles: [/var/lib/haproxy/state]`, or `stateFiles: none`',
  ],
  [
    'a slot without address',
    ', green: "http://g"',
    '',
    '8:77 key-missing targets.slots.urls.green',
    'add `green: one for the green slot`',
  ],
  [
    'a slot of another name',
    'green: "http://g"',
    'green: "http://g", gren: "http://g"',
    '8:122 key-unknown targets.slots.urls.gren',
    'did you mean green?',
  ],
  [
    'an address that is none',
    '"http://b"',
    'localhost',
    '8:91 text-malformed targets.slots.urls.blue',
    'write a whole address such as http://127.0.0.1:9090',
  ],
  [
    'an address with a password in it',
    '"http://b"',
    '"http://shop:canary-hunter2@b/"',
    '8:91 text-malformed targets.slots.urls.blue',
    'write the address without a user and a password; a token is a reference of its own',
  ],
  [
    'a command that is a text',
    'deploy: [a]',
    'deploy: slotctl deploy',
    '8:32 wrong-type targets.slots.deploy',
    'write a list',
  ],
  [
    'a service without deployer',
    ' deployer: slots,',
    '',
    '11:3 key-missing services.shop.deployer',
    'add `deployer: shop-slots`',
  ],
  [
    'a backup that nobody restores from',
    'kind: postgres,',
    'kind: postgres, backup: [b],',
    '9:35 backup-half targets.data.backup',
    'add `testRestore`, or leave both out for a checked copy in the database',
  ],
  [
    'a test restore of no backup',
    'kind: postgres,',
    'kind: postgres, testRestore: [r],',
    '9:40 backup-half targets.data.testRestore',
    'add `backup`, or leave both out for a checked copy in the database',
  ],
  [
    'a backup that takes longer than contract may wait',
    'kind: postgres,',
    'kind: postgres, backup: [b], testRestore: [r], backupTimeout: 12h,',
    '9:73 backup-timeout-too-long targets.data.backupTimeout',
    'write at most 11h, and have the command come back while a longer backup goes on elsewhere',
  ],
];

describe('an environment', () => {
  it('is accepted with every default filled in', () => {
    const result = parseEnvironment(good, 'environment.yaml');
    if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
    expect(result.value.targets['proxy']).toMatchObject({ servers: { blue: 'blue', green: 'green' } });
    expect(result.value.targets['data']).toMatchObject({ schemas: ['public'], lockTimeout: '2s' });
  });

  it.each(rows)('is refused with %s', (_name, from, to, issue, fix) => {
    expect(good).toContain(from);
    expect(issueOf(parseEnvironment(good.replace(from, to), 'environment.yaml'))).toEqual({ issue, fix });
  });

  it.each([
    ['the seal key', 'file:/run/secrets/seal', 'hunter2-hunter2'],
    ['the seal key as a number', 'file:/run/secrets/seal', '73829104'],
    ['a connection', 'env:DATA_DSN', 'postgres://shop:hunter2@db/shop'],
    ['an address', '"http://b"', '"http://shop:hunter2@b/"'],
    ['a connection as the name of a target', 'database: data', 'database: "postgres://shop:hunter2@db/shop"'],
  ])('never tells %s that somebody wrote into it', (_name, from, secret) => {
    const result = parseEnvironment(good.replace(from, secret), 'environment.yaml');
    const told = result.ok ? '' : result.issues.map(formatIssue).join('\n');
    expect(told).not.toBe('');
    expect(told).not.toMatch(/hunter2|73829104/);
  });
});
