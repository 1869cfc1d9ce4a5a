import { presetDefaults } from '../../analysis/catalogue/defaults';
import { presetNames } from '../../analysis/catalogue/names';
import type { Finding } from '../issue';
import type { Outline } from '../outline';

type Metric = Outline['metrics'][string];

/** A ready-made metric takes only what it can use. */
export function checkPresets({ metrics }: Outline): readonly Finding[] {
  return Object.entries(metrics).flatMap(([name, metric]) => {
    const preset = presetNames.find((each) => each === metric.preset);
    if (preset === undefined) return [];
    const isNumber = typeof presetDefaults[preset].max === 'number';
    return [
      ...(metric.above === undefined || preset === 'http-latency'
        ? []
        : [
            {
              code: 'preset-option-unfit',
              path: ['metrics', name, 'above'],
              at: 'key' as const,
              message: `${preset} measures no time, so nothing is above or below this`,
              fix: 'take the line out, or use `preset: http-latency`',
            },
          ]),
      ...(metric.max === undefined || (typeof metric.max === 'number') === isNumber
        ? []
        : [
            {
              code: 'preset-limit-unfit',
              path: ['metrics', name, 'max'],
              message: isNumber
                ? `${preset} is one number of the canary, and this is a limit of shares`
                : `${preset} compares shares, and this is a plain number`,
              fix: `write ${isNumber ? 'a number' : 'a limit'} such as \`max: ${presetDefaults[preset].max}\``,
            },
          ]),
    ];
  });
}

const countsFailures = ({ source, preset, bad, histogram, ...rest }: Metric): boolean =>
  preset === 'http-errors' ||
  (preset === undefined &&
    bad === undefined &&
    histogram === undefined &&
    !('value' in rest) &&
    (source === undefined || source === 'proxy') &&
    rest.max !== undefined);

/** One failure is evidence once: two counters of it would be taken for two witnesses. */
export function checkCountedOnce({ metrics }: Outline): readonly Finding[] {
  const [first, ...others] = Object.entries(metrics).filter(([, metric]) => countsFailures(metric));
  if (first === undefined || ![first, ...others].some(([, { preset }]) => preset === 'http-errors')) return [];
  return others.map(([name]) => ({
    code: 'counted-twice',
    path: ['metrics', name],
    at: 'key' as const,
    message: `${first[0]} counts the same failures already, and one failure would be evidence twice`,
    fix: 'keep one of the two; the proxy sees a failure first',
  }));
}
