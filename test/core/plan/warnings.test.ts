import { everything, planOf, sentinel, splitName } from './shop-sources';

describe('warnings', () => {
  it.each([
    ['no holdback', { fullExposure: { holdbackPercent: 0 } }, 'frozen at expose-25'],
    ['no holdback and no stage', { stages: [], fullExposure: { holdbackPercent: 0 } }, 'nothing to compare with'],
    ['an undo that is skipped', everything, 'migrate/002/backfill is not undone: The column goes with the expand.'],
    ['contract', everything, 'migrate/002/contract): after the rollback window'],
    ['migrations without invariants', { migrations: [splitName] }, 'no data invariant'],
    ['a part without a check', everything, 'migrate/003/expand has no check'],
    [
      'a bake time of few scrapes',
      { ...everything, stages: [{ canaryPercent: 5, bakeTime: '30s' }] },
      'expose-5 bakes for 30s',
    ],
    ['no Prometheus metric', {}, 'No metric reads Prometheus'],
    ['no metric', { metrics: {} }, 'No metric is declared'],
    ['no guardrail', { metrics: { e: { max: '1%', guardrail: false } } }, 'No metric is a guardrail'],
    ['holding for ever', { noData: { then: 'hold' } }, 'Missing data never rolls back'],
    ['a gate without a stage', { gates: { idle: {} } }, 'Gate idle'],
    [
      'a proxy that loses its weights',
      {},
      'edge keeps no state file (stateFiles: none): a HAProxy that crashes or is reloaded begins with the weights of its configuration, which may be everybody on the canary, until the release sets them again.',
    ],
    ['an exposure without a sentinel', {}, 'No sentinel guards edge: nothing closes the gate when the engine is dead.'],
  ])('name %s', (_what, descriptor, words) => {
    expect(planOf({ descriptor }).warnings.join('\n')).toContain(words);
  });

  it('are none for a release that guards everything', () => {
    const migrations = [{ id: '002', expand: { ...splitName.expand, losses: '002.check.sql' } }];
    const owners = { lead: 'Ada', dataSteward: 'Dana' };
    const guarded = { sentinels: [sentinel], stateFiles: ['/run/haproxy.state'] };
    expect(planOf({ descriptor: { ...everything, migrations, owners }, ...guarded }).warnings).toEqual([]);
  });
});
