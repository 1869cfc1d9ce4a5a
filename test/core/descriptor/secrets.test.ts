import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added, issueOf } from './issue-of';
import { canary, github, jwt, secretRows } from './secret-rows';

const parse = (lines: string) => parseDescriptor(added(lines), 'release.yaml');
const allOf = (parsed: ReturnType<typeof parse>): string =>
  parsed.ok ? '' : [JSON.stringify(parsed.issues), ...parsed.issues.map(formatIssue)].join('\n');

const told = ([, lines, issue, rule]: (typeof secretRows)[number]) => ({ lines, issue, rule });

describe('a descriptor with a secret', () => {
  it.each(secretRows)('is refused: %s', (...row) => {
    const { lines, issue, rule } = told(row);
    const parsed = parse(lines);
    const found = parsed.ok ? [] : parsed.issues.filter(({ code }) => code === 'secret-in-text');
    expect(found.map(({ line, column, path }) => `${line}:${column} ${path}`.trim())).toEqual([issue]);
    expect(found[0]?.message).toContain(`(rule ${rule})`);
    expect(found[0]?.fix).not.toBe('');
  });

  it.each(secretRows)('is refused without the secret or a part of it: %s', (...row) => {
    const said = allOf(parse(told(row).lines));
    expect(said).not.toBe('');
    for (const secret of [canary, github, jwt, '12345678'])
      for (const part of [secret, secret.slice(0, 8), secret.slice(-8)]) expect(said).not.toContain(part);
  });
});

const fine: readonly (readonly [name: string, lines: string])[] = [
  ['references', 'configuration: [{ set: { dbPassword: "env:DB_PASSWORD", token: "file:/run/secrets/token" } }]'],
  [
    'a variable',
    'configuration: [{ set: { dsn: "postgres://shop:${DB_PASSWORD}@db/shop", secret: "${SHOP_SECRET}" } }]',
  ],
  [
    'secrets of managers',
    'configuration: [{ set: { apiKey: "vault:kv/shop#key", secret: "arn:aws:secretsmanager:eu:1:secret:a" } }]',
  ],
  ['nothing', 'configuration: [{ set: { password: "", secret: null, tokens: 5, hasToken: true } }]'],
  [
    'what is about a secret',
    'configuration: [{ set: { tokenUrl: https://a.example/t, passwordPolicy: strict, secretName: shop-db, tokenTtl: 5m } }]',
  ],
  ['other keys', 'configuration: [{ set: { publicKey: abc, cacheKey: user_id, primaryKey: id, keyboard: de } }]'],
  [
    'addresses',
    'configuration: [{ set: { a: "https://shop@host/x", b: "http://[::1]:80/", c: "redis://host:6379/0" } }]',
  ],
  [
    'a whole definition',
    'flags: [{ flag: token-refresh, value: { enabled: true, strategies: [{ name: default, parameters: { stickiness: userId } }] } }]',
  ],
  ['broken JSON in a text', `configuration: [{ set: { a: '{"b":' } }]`],
];

it.each(fine)('a descriptor is accepted with %s', (_name, lines) => {
  expect(issueOf(parse(lines)).issue).toBe('');
});

describe('an exception', () => {
  const exception = (at: string) => `notSecret: [{ at: '${at}', because: a kind of token }]`;
  const token = 'configuration: [{ set: { token: bearer-v2 } }]';

  it('lets pass what stands at its path, and nothing else', () => {
    expect(issueOf(parse(`${token}\n${exception('configuration[0].set.token')}`)).issue).toBe('');
    const two = 'configuration: [{ set: { token: bearer-v2, secret: x } }]';
    expect(issueOf(parse(`${two}\n${exception('configuration[0].set.token')}`)).issue).toBe(
      '7:52 secret-in-text configuration[0].set.secret',
    );
  });

  it('is refused where nothing looks like a secret, or when it gives no reason', () => {
    expect(issueOf(parse(exception('configuration[0].set.token'))).issue).toBe(
      '7:19 not-secret-needless notSecret[0].at',
    );
    expect(issueOf(parse(`${token}\nnotSecret: [{ at: "configuration[0].set.token" }]`)).issue).toBe(
      '8:13 key-missing notSecret[0].because',
    );
  });
});

it('an unknown key is not told when it is a credential', () => {
  const said = allOf(parse(`${github}: 1`));
  expect(said).toContain('key-unknown [secret]');
  expect(said).not.toContain(github);
});
