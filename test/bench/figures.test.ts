import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measures as decisionMeasures } from '../../bench/decisions/measures';
import { measures as faultMeasures } from '../../bench/faults/measures';
import { gapsBetween } from '../../bench/gaps';
import { readOptions } from '../../bench/options';
import { missedOf } from '../../bench/outcome';
import { measures as scaleMeasures } from '../../bench/scale/measures';
import { quantile, spreadOf } from '../../bench/spread';
import { drawTable } from '../../bench/table';
import { parseWeights, shareOf } from '../../bench/weights';
import { withFigures } from '../../bench/with-figures';

const row = { what: 'abort', measured: '40 ms', bar: '≤ 100 ms', isMet: true };

describe('spread', () => {
  it('names only values that were measured', () => {
    expect(spreadOf([10, 20, 30, 1000])).toEqual({ runs: 4, p50: 20, p95: 1000, max: 1000 });
    expect(quantile([5], 0.95)).toBe(5);
  });

  it('refuses to speak of nothing', () => {
    expect(() => spreadOf([])).toThrow('nothing was measured');
  });
});

describe('gaps', () => {
  it('count both ends of the exposure', () => {
    const found = gapsBetween([90, 150, 200, 420], { fromMs: 100, toMs: 400 });
    expect(found).toEqual({ samples: 2, gapsMs: [50, 50, 200] });
  });

  it('are the whole exposure when nobody looked', () => {
    expect(gapsBetween([], { fromMs: 100, toMs: 400 })).toEqual({ samples: 0, gapsMs: [300] });
  });
});

describe('missed bars', () => {
  it('are told with the measure, the figure and the bar', () => {
    const outcome = { figures: {}, rows: [row, { ...row, measured: '140 ms', isMet: false }], isWhole: true };
    expect(missedOf({ abort: outcome })).toEqual(['abort: abort: 140 ms, bar ≤ 100 ms']);
  });
});

describe('weights', () => {
  const answer = (admin: number, weight: number): string =>
    `1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight\n` +
    `3 shop 1 blue 127.0.0.1 2 0 75 75\n3 shop 2 green 127.0.0.1 2 ${admin} ${weight} 25\n`;

  it.each([
    ['a ready server has its share', 0, 25, 25],
    ['a server that only the configuration disabled has its share', 4, 25, 25],
    ['a server in maintenance has none', 1, 25, 0],
    ['a server at weight 0 has none', 0, 0, 0],
  ])('%s', (_, admin, weight, share) => {
    expect(shareOf(parseWeights(answer(admin, weight)), 'green')).toBe(share);
  });

  it('are no weights when a server is missing', () => {
    expect(() => parseWeights('1\n')).toThrow('does not show server blue');
  });
});

describe('options', () => {
  const known = ['breach', 'abort'];

  it('keep the measures in their own order', () => {
    expect(readOptions(['--only', 'abort,breach', '--runs', '2'], known)).toEqual({
      only: known,
      runs: 2,
      clean: 50,
      writesDocs: false,
    });
  });

  it.each([
    [['--only', 'speed'], 'it knows breach, abort'],
    [['--runs', 'many'], '--runs is a whole number'],
  ])('%j are refused in plain words', (args, words) => {
    expect(() => readOptions(args, known)).toThrow(words);
  });
});

describe('the page', () => {
  it('shows a missed bar', () => {
    expect(drawTable([{ ...row, isMet: false }])).toContain('| NO');
  });

  it('keeps everything but what stands between the marks of its place', () => {
    const placeOf = (name: string): string =>
      `<!-- figures of ${name}: written by the benchmark -->\nold\n<!-- end of ${name} -->\n`;
    const page = `a\n${placeOf('flood')}b\n${placeOf('zombie')}`;
    const next = withFigures(page, 'flood', 'new');
    expect(next).toMatch(/^a\n.*\n\nnew\n\n.*\nb\n/);
    expect(next).toContain(placeOf('zombie'));
    expect(withFigures(next, 'flood', 'new')).toBe(next);
  });

  it.each([
    ['benchmarks.md', ['all measures']],
    ['fault-benchmarks.md', faultMeasures.map(({ name }) => name)],
    ['decision-benchmarks.md', decisionMeasures.map(({ name }) => name)],
    ['scale-benchmarks.md', scaleMeasures.map(({ name }) => name)],
  ])('%s has a place for each of %j', async (name, places) => {
    const page = await readFile(join(__dirname, '../../docs/reference', name), 'utf8');
    for (const place of places) expect(withFigures(page, place, 'new')).toContain('new');
  });

  it('is left alone when a mark is missing', () => {
    expect(() => withFigures('a', 'flood', 'new')).toThrow('lacks the marks');
  });
});
