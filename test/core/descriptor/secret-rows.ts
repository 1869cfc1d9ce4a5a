// Put together here, so that no scanner takes this file for a leak.
export const github = `ghp_${'A1b2'.repeat(9)}`;
export const jwt = `${['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJzaG9wIn0'].join('.')}.c2lnbmF0dXJl`;
export const canary = 'canary-hunter2-Zx9';

// What is added to a good descriptor from line 7 on; where the issue is and by which rule.
export const secretRows: readonly (readonly [name: string, lines: string, issue: string, rule: string])[] = [
  [
    'a password',
    `configuration: [{ set: { dbPassword: ${canary} } }]`,
    '7:38 configuration[0].set.dbPassword',
    'secret-key-name',
  ],
  [
    'a key with dots',
    `configuration: [{ set: { db.password: ${canary} } }]`,
    '7:39 configuration[0].set["db.password"]',
    'secret-key-name',
  ],
  [
    'a key in capitals',
    `configuration: [{ set: { STRIPE_API_KEY_PROD: ${canary} } }]`,
    '7:47 configuration[0].set.STRIPE_API_KEY_PROD',
    'secret-key-name',
  ],
  [
    'a password that is a number',
    'configuration: [{ set: { password: 12345678 } }]',
    '7:36 configuration[0].set.password',
    'secret-key-name',
  ],
  [
    'a map that a configuration cannot have',
    `configuration: [{ set: { db: { password: ${canary} } } }]`,
    '7:42 configuration[0].set.db.password',
    'secret-key-name',
  ],
  [
    'a token by its form',
    `configuration: [{ set: { mode: ${github} } }]`,
    '7:32 configuration[0].set.mode',
    'github-token',
  ],
  [
    'a token inside a text',
    `configuration: [{ set: { mode: "use ${github} here" } }]`,
    '7:32 configuration[0].set.mode',
    'github-token',
  ],
  ['a web token', `configuration: [{ set: { mode: ${jwt} } }]`, '7:32 configuration[0].set.mode', 'json-web-token'],
  [
    'an address with a password',
    `configuration: [{ set: { queue: "amqp://shop:${canary}@mq/" } }]`,
    '7:33 configuration[0].set.queue',
    'url-with-password',
  ],
  [
    'a connection string',
    `configuration: [{ set: { db: "host=db user=shop password=${canary}" } }]`,
    '7:30 configuration[0].set.db',
    'secret-pair',
  ],
  [
    'JSON in a text',
    `configuration: [{ set: { db: '{"main":[{"password":"${canary}"}]}' } }]`,
    '7:26 configuration[0].set.db.main[0].password',
    'secret-key-name',
  ],
  [
    'JSON in JSON in a text',
    `configuration: [{ set: { db: '{"main":"{\\"password\\":\\"${canary}\\"}"}' } }]`,
    '7:26 configuration[0].set.db.main.password',
    'secret-key-name',
  ],
  [
    'a text in several lines',
    `configuration:\n  - set:\n      mode: >-\n        first\n        ${github}`,
    '9:13 configuration[0].set.mode',
    'github-token',
  ],
  [
    'escapes',
    `configuration: [{ set: { mode: "\\u0067hp_${'A1b2'.repeat(9)}" } }]`,
    '7:32 configuration[0].set.mode',
    'github-token',
  ],
  ['a flag', `flags: [{ flag: payment-secret, value: ${canary} }]`, '7:40 flags[0].value', 'secret-key-name'],
  [
    'a flag at a depth',
    `flags: [{ flag: a, value: { one: [{ two: { clientSecret: ${canary} } }] } }]`,
    '7:58 flags[0].value.one[0].two.clientSecret',
    'secret-key-name',
  ],
  [
    'a value under its name',
    `flags: [{ flag: a, value: { token: { value: ${canary} } } }]`,
    '7:45 flags[0].value.token.value',
    'secret-key-name',
  ],
  [
    'a name and a value side by side',
    `flags: [{ flag: a, value: { env: [{ name: DB_PASSWORD, value: ${canary} }] } }]`,
    '7:63 flags[0].value.env[0].value',
    'secret-key-name',
  ],
  [
    'a list of secrets',
    `flags: [{ flag: a, value: { tokens: [${canary}] } }]`,
    '7:38 flags[0].value.tokens[0]',
    'secret-key-name',
  ],
  [
    'a map of secrets',
    `flags: [{ flag: a, value: { secrets: { shop: ${canary} } } }]`,
    '7:46 flags[0].value.secrets.shop',
    'secret-key-name',
  ],
  [
    'the payload of a variant',
    `flags: [{ flag: a, value: { strategies: [{ variants: [{ name: x, payload: { type: string, value: ${github} } }] }] } }]`,
    '7:98 flags[0].value.strategies[0].variants[0].payload.value',
    'github-token',
  ],
  [
    'the query of a check',
    `checks: [{ path: "/health?access_token=${canary}" }]`,
    '7:18 checks[0].path',
    'secret-pair',
  ],
  [
    'what a check looks for',
    `checks: [{ path: /, bodyContains: ${github} }]`,
    '7:35 checks[0].bodyContains',
    'github-token',
  ],
  [
    'a sentence',
    `notSecret: [{ at: checks, because: "as ${github} says" }]`,
    '7:36 notSecret[0].because',
    'github-token',
  ],
  ['a comment', `stages: [] # ${github}`, '7:14', 'github-token'],
  [
    'a comment behind the mark of a block',
    `flags:\n  - flag: a\n    value: | # ${github}\n      on`,
    '9:16',
    'github-token',
  ],
  ['the name of a key', `configuration: [{ set: { ${github}: 1 } }]`, '7:26', 'github-token'],
];
