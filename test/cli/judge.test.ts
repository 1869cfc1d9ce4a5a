import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { createTestIo } from '../support/test-io';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-judge-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

async function judge(config: unknown, pairs: unknown, ...more: readonly string[]) {
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  await writeFile(at('judge.json'), textOf(config));
  await writeFile(at('pairs.json'), textOf(pairs));
  const test = createTestIo({ directory: folder });
  const code = await runCli(['judge', '--config', at('judge.json'), '--pairs', at('pairs.json'), ...more], test.io);
  return { code, out: test.out(), err: test.err() };
}

const metric = (name: string, canary: object = {}) => ({ name, analysisConfigurations: { canary } });
const pair = (name: string, control: readonly unknown[], experiment: readonly unknown[]) => ({
  name,
  values: { control, experiment },
});
const steady = [1, 2, 3, 4, 5, 2, 3, 4];
const high = steady.map((value) => value + 10);
const other = [2, 1, 4, 3, 5, 3, 2, 4.5];

test('tells class, numbers and reason of each metric, and fails with the worst', async () => {
  const config = { metrics: [metric('a'), metric('b')] };
  const { code, out, err } = await judge(config, [pair('a', steady, other), pair('b', steady, high)]);
  expect(code).toBe(3);
  expect(out).toMatch(/✔ a: Pass/);
  expect(out).toMatch(/✖ b: High, the whole interval/);
  expect(out).toMatch(/canary mean 13 \(8 points\), baseline mean 3 \(8 points\), shift 10, 98 % interval .* p /);
  expect(err).toMatch(/^fail: valid for one look/);
});

test('passes with 0, and prints one object with --json', async () => {
  const { code, out } = await judge({ metrics: [metric('a')] }, [pair('a', steady, other)], '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    value: 'pass',
    metrics: [{ metric: 'a', class: 'Pass', canary: { points: 8 }, pValue: { method: 'normal' } }],
  });
});

test('reads a canary configuration of the published judge as it is', async () => {
  const config = {
    configVersion: '1.0',
    applications: ['shop'],
    judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
    metrics: [
      { ...metric('a', { direction: 'increase' }), groups: ['system'], query: { type: 'prometheus' }, scopeName: 'x' },
    ],
    classifier: { groupWeights: { system: 100 } },
  };
  const set = { ...pair('a', steady, [...other, 'NaN', null]), id: '1', tags: {}, scopes: {}, attributes: {} };
  expect(await judge(config, [set])).toMatchObject({ code: 0 });
});

describe('deliberately different from the published judge', () => {
  test('a metric without data beside good ones makes the whole inconclusive, and its group scores nothing', async () => {
    const config = { metrics: [metric('a'), metric('b')] };
    const { code, out } = await judge(config, [pair('a', steady, other), pair('b', steady, [])]);
    expect(code).toBe(5);
    expect(out).toMatch(/\? b: Nodata/);
  });

  test('a metric without a pair has no data', async () => {
    expect(await judge({ metrics: [metric('a'), metric('b')] }, [pair('a', steady, other)])).toMatchObject({ code: 5 });
  });

  test('one bad metric among twenty good ones fails: there is no score', async () => {
    const names = Array.from({ length: 20 }, (_, each) => `m${each}`);
    const config = { metrics: [...names, 'bad'].map((name) => metric(name)) };
    const pairs = [...names.map((name) => pair(name, steady, other)), pair('bad', steady, high)];
    expect(await judge(config, pairs)).toMatchObject({ code: 3 });
  });

  test('empty + replace is no pass, unless it is asked for as published', async () => {
    const config = { metrics: [metric('a', { nanStrategy: 'replace' })] };
    expect(await judge(config, [pair('a', [], steady)])).toMatchObject({ code: 5 });
    expect(await judge({ ...config, asPublished: true }, [pair('a', [], steady)])).toMatchObject({ code: 0 });
  });

  test('a misspelt direction is refused and not taken for either', async () => {
    const { code, out } = await judge({ metrics: [metric('a', { direction: 'increse' })] }, [pair('a', steady, high)]);
    expect(code).toBe(2);
    expect(out).toMatch(/judge\.json:1:\d+ word-unknown metrics\[0\].*direction.*increase/);
  });
});

test('no data of a critical metric fails, as published', async () => {
  expect(await judge({ metrics: [metric('a', { critical: true })] }, [pair('a', [], steady)])).toMatchObject({
    code: 3,
  });
});

test('a muted metric is shown and has no say', async () => {
  const config = { metrics: [metric('a', { muted: true }), metric('b')] };
  const { code, out } = await judge(config, [pair('a', steady, high), pair('b', steady, other)]);
  expect(code).toBe(0);
  expect(out).toMatch(/a: High \(muted\)/);
  expect(await judge({ metrics: [metric('a', { muted: true })] }, [pair('a', steady, other)])).toMatchObject({
    code: 5,
  });
});

test('warns, as published, below fifty points, and where the shift is below the resolution', async () => {
  const tiny = (values: readonly number[]) => values.map((value) => value / 1e6);
  const { out } = await judge({ metrics: [metric('a')] }, [pair('a', tiny(steady), tiny(other))]);
  expect(out).toMatch(/! 8 points are few/);
  expect(out).toMatch(/scale them up/);
});

test.each([
  [
    'a pair nobody asks for',
    { metrics: [metric('a')] },
    [pair('b', [], [])],
    /pairs\.json:1:\d+ name-unknown \[0\]\.name/,
  ],
  ['a metric twice', { metrics: [metric('a'), metric('a')] }, [], /judge\.json:1:\d+ name-repeated metrics\[1\]\.name/],
  [
    'a pair twice',
    { metrics: [metric('a')] },
    [pair('a', [], []), pair('a', [], [])],
    /pairs\.json:1:\d+ name-repeated/,
  ],
  ['a point that is text', { metrics: [metric('a')] }, [pair('a', ['x'], [])], /pairs\.json:1:\d+ .*control\[0\]/],
  ['no JSON', '{', [], /judge\.json:1:2 not-json/],
  ['no metrics', { metrics: [] }, [], /judge\.json:1:12 list-too-short metrics/],
])('%s is refused with file, line and column', async (_name, config, pairs, wanted) => {
  const { code, out } = await judge(config, pairs);
  expect(code).toBe(2);
  expect(out).toMatch(wanted);
});

test('a missing file is an issue', async () => {
  const test = createTestIo({ directory: folder });
  const code = await runCli(['judge', '--config', at('none.json'), '--pairs', at('none.json')], test.io);
  expect(code).toBe(2);
  expect(test.out()).toContain('file-missing');
});
