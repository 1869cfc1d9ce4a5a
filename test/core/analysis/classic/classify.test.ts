import { classify, type JudgeSettings, type Pair } from '../../../../src/core/analysis/classic/classify';
import { judgeConfigSchema } from '../../../../src/core/analysis/classic/schema';
import vectors from './vectors.json';

type Given = { readonly [key: string]: unknown };

function settingsOf(canary: Given) {
  const config = judgeConfigSchema.parse({ metrics: [{ name: 'm', analysisConfigurations: { canary } }] });
  const [metric] = config.metrics;
  if (metric === undefined) throw new Error('no metric');
  return metric.analysisConfigurations.canary;
}

const usual: JudgeSettings = { confidence: 0.98, tolerance: 0.25, asPublished: false };
const published: JudgeSettings = { ...usual, asPublished: true };
const classOf = (canary: Pair['canary'], baseline: Pair['baseline'], given: Given = {}, judge = usual) =>
  classify({ canary, baseline }, settingsOf(given), judge).class;

const times = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value);
const nothing: Pair['canary'] = times(10, 0).map(() => undefined);
const numbers = (name: string): readonly [readonly number[], readonly number[]] => {
  const found = vectors.samples.find((sample) => sample.name === name);
  if (found === undefined) throw new Error(`no sample ${name}`);
  return [found.x, found.y];
};

describe('as the published judge', () => {
  const [same, sameBaseline] = numbers('30 and 30, the same');
  const [high, highBaseline] = numbers('30 and 30, twice as high');
  const [low, lowBaseline] = numbers('12 and 20, lower');
  const [apart, apartBaseline] = numbers('5 and 5, far apart');

  test.each([
    ['no shift', same, sameBaseline, {}, 'Pass'],
    ['a canary twice as high', high, highBaseline, {}, 'High'],
    ['the same where only a decrease is bad', high, highBaseline, { direction: 'decrease' }, 'Pass'],
    ['a lower canary', low, lowBaseline, {}, 'Low'],
    ['the same where only an increase is bad', low, lowBaseline, { direction: 'increase' }, 'Pass'],
    ['five points far apart', apart, apartBaseline, {}, 'High'],
    ['an increase within the allowed', apart, apartBaseline, { effectSize: { allowedIncrease: 13 } }, 'Pass'],
    ['one beyond it', apart, apartBaseline, { effectSize: { allowedIncrease: 5 } }, 'High'],
    ['cles beyond the allowed', high, highBaseline, { effectSize: { measure: 'cles', allowedIncrease: 0.8 } }, 'High'],
    ['the same points in another order', [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], {}, 'Pass'],
    ['three ones against two', [1, 1, 1], [1, 1], {}, 'Pass'],
    ['one high point among ties', [1, 1, 1, 1, 10], times(5, 1), {}, 'Pass'],
    ['only zeros in both', times(5, 0), times(5, 0), {}, 'Pass'],
    ['ten against zeros', times(5, 10), times(5, 0), {}, 'High'],
    ['zeros against ten', times(5, 0), times(5, 10), {}, 'Low'],
    ['no points of the canary', [], [1, 2, 3], {}, 'Nodata'],
    ['no points where there must be', [], [1, 2, 3], { mustHaveData: true }, 'NodataFailMetric'],
    ['no points of a critical metric', [], [1, 2], { mustHaveData: true, critical: true }, 'Nodata'],
    ['NaN left out', [1, undefined, 2, 3], [2, 3, 1], {}, 'Pass'],
  ] as const)('%s', (_name, canary, baseline, given, wanted) => {
    expect(classOf(canary, baseline, given)).toBe(wanted);
    expect(classOf(canary, baseline, given, published)).toBe(wanted);
  });

  test.each([
    [{ criticalIncrease: 1.2 }, true],
    [{ criticalIncrease: 15 }, false],
    [{}, true],
  ])('a high critical metric with %j is critical: %s', (effectSize, wanted) => {
    const found = classify(
      { canary: apart, baseline: apartBaseline },
      settingsOf({ critical: true, effectSize }),
      usual,
    );
    expect(found).toMatchObject({ class: 'High', isCritical: wanted });
  });

  test('an effect that cannot be computed from a zero mean does not excuse', () => {
    const found = classify(
      { canary: [55, 54, 56, 55.5, 57], baseline: times(5, 0) },
      settingsOf({ effectSize: { allowedIncrease: 1.2 } }),
      usual,
    );
    expect(found.class).toBe('High');
    expect(found.effect).toBeUndefined();
  });

  test('an outlier that is removed does not make a metric high', () => {
    const spiked = [...times(99, 1), 1_000];
    const removed = classify(
      { canary: spiked, baseline: times(99, 1) },
      settingsOf({ outliers: { strategy: 'remove' } }),
      usual,
    );
    expect(removed).toMatchObject({ class: 'Pass', canary: times(99, 1) });
  });
});

describe('where the published judge passes falsely and this one does not', () => {
  const errors = [0, 0.048, 0, 0.18, 0.089, 0, 0.098, 0.035, 0, 0];
  const gaps = errors.map((value) => (value === 0 ? undefined : value));
  const replace = { nanStrategy: 'replace', direction: 'increase' };

  test.each([
    ['empty + replace: a canary without points', [], [1, 2, 3], replace, 'Nodata'],
    ['empty + replace: a baseline without points', [1, 2, 3], [], replace, 'Nodata'],
    ['empty + replace where there must be data', [], [1, 2], { ...replace, mustHaveData: true }, 'NodataFailMetric'],
    ['a dead canary, every point replaced by 0', nothing, [0, 2, 3, 1, 0, 2, 1], replace, 'Nodata'],
    ['no point of either, replaced by 0', nothing, nothing, replace, 'Nodata'],
    ['errors from a zero baseline', errors, times(10, 0), { direction: 'increase' }, 'High'],
    ['errors from a baseline without points, replaced by 0', gaps, nothing, replace, 'High'],
    ['one error from a zero baseline: not known', [0, 0, 0, 3, 0], times(5, 0), {}, 'Inconclusive'],
  ] as const)('deliberately different, %s', (_name, canary, baseline, given, wanted) => {
    expect(classOf(canary, baseline, given)).toBe(wanted);
    expect(classOf(canary, baseline, given, published)).toBe('Pass');
  });

  test('fewer zeros where only a decrease is bad still pass', () => {
    expect(classOf(errors, times(10, 0), { direction: 'decrease' })).toBe('Pass');
  });

  test.each(vectors.fisher)('%d of %d points above a baseline of %d zeros: the chance is scipy’s %d', (...row) => {
    const [above = 0, points = 0, zeros = 0, chance = 0] = row;
    const canary = [...times(points - above, 0), ...times(above, 1)];
    const found = classify({ canary, baseline: times(zeros, 0) }, settingsOf({}), usual);
    if (found.shift !== undefined && found.shift.low > 0) expect(found.class).toBe('High');
    else {
      expect(found.class).toBe(chance <= 0.02 ? 'High' : 'Inconclusive');
      expect(found.reason).toContain(`chance ${Number(chance.toPrecision(2))},`);
    }
  });

  test('deliberately different: tied points get no random noise, so the class is the same every time', () => {
    const found = () => classify({ canary: times(5, 1.000001), baseline: times(5, 1) }, settingsOf({}), usual);
    expect(found()).toEqual(found());
    expect(found()).toMatchObject({ class: 'High', shift: { low: expect.closeTo(1e-6, 12) as number } });
  });
});
