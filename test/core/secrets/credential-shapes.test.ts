import { credentialsIn, withoutCredentials } from '../../../src/core/secrets/credential-shapes';

const hex = (length: number): string => '0123456789abcdef'.repeat(8).slice(0, length);
const word = (length: number): string => 'aZ09bY18'.repeat(40).slice(0, length);

// Put together here, so that no scanner takes this file for a leak.
const rows: readonly (readonly [rule: string, text: string])[] = [
  ['private-key', `-----BEGIN ${'OPENSSH PRIVATE'} KEY-----\n${word(60)}`],
  ['private-key', `-----BEGIN ${'PRIVATE'} KEY-----`],
  ['private-key', `-----BEGIN ${'PGP PRIVATE'} KEY BLOCK-----`],
  ['aws-access-key', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['aws-access-key', `ASIA${'IOSFODNN7EXAMPLE'}`],
  ['github-token', `ghp_${word(36)}`],
  ['github-token', `ghs_${word(36)}`],
  ['github-token', `github_pat_${word(22)}_${word(59)}`],
  ['gitlab-token', `glpat-${word(20)}`],
  ['gitlab-token', `glrt-${word(20)}`],
  ['slack-token', `xoxb-${'1234567890'}-${word(24)}`],
  ['slack-token', `xapp-1-${word(24)}`],
  ['slack-webhook', `https://hooks.slack.com/services/T0000/B0000/${word(24)}`],
  ['stripe-key', `sk_live_${word(24)}`],
  ['stripe-key', `rk_test_${word(24)}`],
  ['stripe-key', `whsec_${word(32)}`],
  ['npm-token', `npm_${word(36)}`],
  ['pypi-token', `pypi-AgE${word(60)}`],
  ['google-api-key', `AIza${word(35)}`],
  ['sendgrid-key', `SG.${word(22)}.${word(43)}`],
  ['azure-account-key', `AccountName=shop;AccountKey=${word(86)}==`],
  ['json-web-token', `eyJ${word(20)}.eyJ${word(20)}.${word(20)}`],
  ['unleash-token', `*:*.${hex(56)}`],
  ['unleash-token', `default:development.${hex(56)}`],
  ['authorization-header', `Authorization: Bearer ${word(12)}`],
  ['authorization-header', `"authorization": "Basic ${word(12)}"`],
  ['url-with-password', `postgres://shop:${word(9)}@db/shop`],
  ['url-with-password', `redis://:${word(9)}@cache:6379`],
];

describe('a well-known credential', () => {
  it.each(rows)('is found by its form: %s', (rule, text) => {
    expect(credentialsIn(text).map((found) => found.rule)).toContain(rule);
    expect(credentialsIn(`said: ${text}, as told`).map((found) => found.rule)).toContain(rule);
  });

  it.each(rows)('is taken out of a text: %s', (_rule, text) => {
    const clean = withoutCredentials(`because ${text}`);
    expect(clean).toMatch(/^because .*\[secret\]/s);
    expect(credentialsIn(clean)).toEqual([]);
  });
});

it.each([
  ['a digest', `sha256:${hex(64)}`],
  ['a commit', hex(40)],
  ['an address', 'https://shop@example.com/a:b@c'],
  ['an image', `registry:5000/shop@sha256:${hex(64)}`],
  ['an address with a reference', 'amqp://shop:${QUEUE_PASSWORD}@mq'],
  ['a public key', '-----BEGIN PUBLIC KEY-----'],
  ['a time', '2026-01-01T10:00:00.000Z'],
  ['a query', 'sum(rate(http_requests_total{slot="$slot",job="shop:web"}[1m]))'],
])('%s is none', (_name, text) => {
  expect(credentialsIn(text)).toEqual([]);
});
