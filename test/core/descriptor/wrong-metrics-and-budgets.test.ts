import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added, issueOf } from './issue-of';

const asked = 'source: prometheus, value: q$slot';
const budget = 'budget: { users: 6000 }\n';

// What is added to a good descriptor from line 7 on; where and what the issue is; what to do.
const rows: readonly (readonly [name: string, text: string, issue: string, fix: string])[] = [
  ['a ready-made metric', 'metrics: { a: { preset: http-latency, above: 250ms } }', '', ''],
  [
    'a preset that there is not',
    'metrics: { a: { preset: http-latencies } }',
    '7:25 word-unknown metrics.a.preset',
    'did you mean http-latency?',
  ],
  [
    'a convention that there is not',
    'metrics: { a: { preset: restarts, convention: k8s } }',
    '7:47 word-unknown metrics.a.convention',
    'allowed here: haproxy, opentelemetry, prometheus-client, istio, envoy, nginx, kubernetes',
  ],
  [
    'a bound of what is no time',
    'metrics: { a: { preset: restarts, above: 250ms } }',
    '7:35 preset-option-unfit metrics.a.above',
    'take the line out, or use `preset: http-latency`',
  ],
  [
    'a limit of shares for one number',
    'metrics: { a: { preset: saturation, max: baseline + 1% } }',
    '7:42 preset-limit-unfit metrics.a.max',
    'write a number such as `max: 0.9`',
  ],
  [
    'a number for a limit of shares',
    'metrics: { a: { preset: http-errors, max: 5 } }',
    '7:43 preset-limit-unfit metrics.a.max',
    'write a limit such as `max: baseline + 0.5%`',
  ],
  ['a value beside the baseline', `metrics: { a: { ${asked}, max: baseline * 1.2, min: baseline - 0.5 } }`, '', ''],
  [
    'a value judged by the classic judge',
    `metrics: { a: { ${asked}, min: baseline * 0.9, method: mann-whitney } }`,
    '',
    '',
  ],
  [
    'a value without a limit',
    `metrics: { a: { ${asked} } }`,
    '7:12 limit-missing metrics.a',
    'write `max`, `min` or both',
  ],
  [
    'limits of two kinds',
    `metrics: { a: { ${asked}, max: 3, min: baseline * 0.9 } }`,
    '7:12 limits-mixed metrics.a',
    'make two metrics of it',
  ],
  [
    'the classic judge with a limit that is no ratio',
    `metrics: { a: { ${asked}, max: baseline + 2, method: mann-whitney } }`,
    '7:79 method-unfit metrics.a.method',
    'write limits such as `baseline * 1.2`, or take the method out',
  ],
  [
    'a least that the baseline itself would break',
    `metrics: { a: { ${asked}, min: baseline * 1.2 } }`,
    '7:57 text-malformed metrics.a.min',
    'write a number, `baseline - 0.1` or `baseline * 0.9`',
  ],
  [
    'a comparison of both versions together',
    'metrics: { a: { source: prometheus, value: q, max: baseline * 2 } }',
    '7:44 slot-missing metrics.a.value',
    'add a label such as {slot="$slot"}',
  ],
  [
    'failures counted by two sources',
    'metrics: { a: { max: 1% }, b: { preset: http-errors, convention: istio } }',
    '7:28 counted-twice metrics.b',
    'keep one of the two; the proxy sees a failure first',
  ],
  ['an owner', 'metrics: { a: { max: 1%, owner: security } }', '', ''],
  [
    'a stage that may risk no less than it must',
    `${budget}stages: [{ canaryPercent: 10, bakeTime: 10m, maxUserMinutes: 6000 }]`,
    '8:62 risk-too-small stages[0].maxUserMinutes',
    'write more than 6000, lower canaryPercent, or shorten bakeTime',
  ],
  [
    'a stage that may risk more than it must',
    `${budget}stages: [{ canaryPercent: 10, bakeTime: 10m, maxUserMinutes: 6001 }]`,
    '',
    '',
  ],
  [
    'a window that may risk less than it must',
    `${budget}fullExposure: { rollbackWindow: 30m, maxUserMinutes: 1000 }`,
    '8:54 risk-too-small fullExposure.maxUserMinutes',
    'write more than 178200, lower canaryPercent, or shorten rollbackWindow',
  ],
  [
    'minutes of nobody knows how many users',
    'stages: [{ canaryPercent: 10, maxUserMinutes: 6000 }]',
    '7:47 users-unknown stages[0].maxUserMinutes',
    'add `budget: { users: 10000 }`',
  ],
  [
    'a promise of everything',
    'budget: { slo: 100 }',
    '7:16 number-out-of-range budget.slo',
    'write a number below 100',
  ],
  ['budgets', 'budget: { slo: 99.9, maxExcessErrors: 500, users: 6000 }', '', ''],
];

test.each(rows)('%s', (_, text, issue, fix) => {
  expect(issueOf(parseDescriptor(added(text), 'release.yaml'))).toEqual({ issue, fix });
});
