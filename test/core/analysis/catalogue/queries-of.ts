import type { ReadyQuery } from '../../../../src/core/analysis/catalogue/convention';

/** The texts of a ready-made metric that go to Prometheus. */
export function queriesOf(found: ReadyQuery | undefined): readonly string[] {
  switch (found?.kind) {
    case 'ratio':
      return [found.bad, found.total];
    case 'histogram':
      return [found.series];
    case 'value':
      return [found.query];
    case 'proxy-errors':
    case undefined:
      return [];
  }
}
