import { sha256Hex } from '../../../src/core/canonical';
import { compilePlan } from '../../../src/core/plan/compile';
import { planDigest } from '../../../src/core/plan/digest';
import { everything, sentinel, planOf, refusalsOf, shopSources, splitName } from './shop-sources';

const ids = (plan: ReturnType<typeof planOf>) => plan.stages.map((stage) => stage.id);
const gatesBefore = (plan: ReturnType<typeof planOf>, id: string) => {
  const at = ids(plan).indexOf(id);
  const before = plan.stages.slice(0, at).reverse();
  const end = before.findIndex((stage) => stage.kind !== 'gate');
  return before.slice(0, end === -1 ? before.length : end).flatMap((s) => (s.kind === 'gate' ? [s.gate] : []));
};

describe('stages', () => {
  it('run from expand to promote in the order of a release', () => {
    expect(ids(planOf({ descriptor: everything }))).toEqual([
      'expand',
      'backfill',
      'verify',
      'configure',
      'deploy',
      'check',
      'expose-5',
      'gate-go',
      'expose-25',
      'gate-go-expose-full',
      'expose-full',
      'promote',
    ]);
  });

  it('wait for each gate under a name of its own, so that one approval opens one gate', () => {
    const plan = planOf({ descriptor: everything });
    const names = plan.stages.flatMap((stage) => (stage.kind === 'gate' ? [stage.gate.name] : []));
    expect(names).toEqual(['go', 'go-expose-full']);
  });

  it('without content are left out', () => {
    expect(ids(planOf())).toEqual(['deploy', 'check', 'expose-5', 'expose-25', 'expose-full', 'promote']);
  });

  it('of a blue/green release hold one exposure', () => {
    expect(ids(planOf({ descriptor: { stages: [] } }))).toEqual(['deploy', 'check', 'expose-full', 'promote']);
  });

  it('verify invariants even when nothing is migrated', () => {
    const plan = planOf({ descriptor: { invariants: [{ id: 'orders', query: 'no-order-lost.sql' }] } });
    expect(plan.stages[0]).toMatchObject({ kind: 'verify', effects: [] });
    expect(plan.targets.databases).toEqual(['orders']);
  });

  it('apply all expands before any backfill, and verify those that have a check', () => {
    const [expand, backfill, verify, configure] = planOf({ descriptor: everything }).stages;
    expect(expand).toMatchObject({ effects: ['migrate/002/expand', 'migrate/003/expand'] });
    expect(backfill).toMatchObject({ effects: ['migrate/002/backfill'] });
    expect(verify).toMatchObject({ effects: ['migrate/002/expand'] });
    expect(configure).toMatchObject({
      effects: ['configure/limits', 'flag/switches/two-names', 'flag/switches/stop-checkout'],
    });
  });

  it('at full exposure keep the holdback and bake for the rollback window', () => {
    const plan = planOf({ descriptor: { fullExposure: { holdbackPercent: 2, rollbackWindow: '1h', minRequests: 9 } } });
    expect(plan.stages.find((stage) => stage.id === 'expose-full')).toMatchObject({
      canaryPercent: 98,
      bakeMs: 3_600_000,
      minRequests: 9,
      isFull: true,
    });
  });
});

describe('effects', () => {
  it('are listed in the order in which they are applied, contract apart', () => {
    const plan = planOf({ descriptor: everything });
    expect(plan.effects.map((effect) => effect.key)).toEqual([
      'migrate/002/expand',
      'migrate/003/expand',
      'migrate/002/backfill',
      'configure/limits',
      'flag/switches/two-names',
      'flag/switches/stop-checkout',
      'deploy/shop',
      'expose/shop',
    ]);
    expect(plan.contract.map((effect) => effect.key)).toEqual(['migrate/002/contract']);
  });

  it('carry their files with digests', () => {
    expect(planOf({ descriptor: everything }).effects[0]).toMatchObject({
      target: 'orders',
      apply: { path: '002.sql', sha256: sha256Hex('alter table orders add first text') },
      undo: { path: '002.undo.sql' },
      check: { path: '002.check.sql' },
    });
  });

  it('put entries for one configuration target together', () => {
    const configure = planOf({ descriptor: everything }).effects.find((effect) => effect.kind === 'configure');
    expect(configure).toMatchObject({ set: { timeoutMs: 800, retries: 2 } });
  });

  it("go to a target that the descriptor names instead of the service's own", () => {
    const plan = planOf({ descriptor: { migrations: [{ ...splitName, database: 'stock' }] } });
    expect(plan.effects[0]?.target).toBe('stock');
    expect(plan.targets.databases).toEqual(['stock']);
  });
});

describe('a plan', () => {
  const plan = planOf({ descriptor: everything });

  it('is plain data that survives JSON with the same digest', () => {
    const again = JSON.parse(JSON.stringify(plan)) as typeof plan;
    expect(again).toEqual(plan);
    expect(planDigest(again)).toBe(planDigest(plan));
  });

  it('is the same whenever it is compiled from the same files', () => {
    expect(planDigest(planOf({ descriptor: everything }))).toBe(planDigest(plan));
  });

  it('names metrics by kind with numbers for limits', () => {
    expect(plan.metrics.map(({ kind, name, guardrail }) => [name, kind, guardrail])).toEqual([
      ['http-errors', 'proxy-errors', true],
      ['declined', 'ratio', true],
      ['slow', 'histogram', true],
      ['queue', 'value', false],
      ['orders', 'compared', true],
    ]);
    const beside = { min: { kind: 'factor', factor: 0.9 }, max: { kind: 'margin', by: 5 } };
    expect(plan.metrics[4]).toMatchObject(beside);
    expect(plan.metrics[2]).toMatchObject({
      target: 'prometheus',
      aboveMs: 250,
      limit: { kind: 'absolute', share: 0.02 },
    });
  });

  it('freezes the members of the roles', () => {
    expect(gatesBefore(plan, 'expose-25')).toMatchObject([{ name: 'go', from: ['leads'], members: ['ada', 'bob'] }]);
  });

  it('digests every target it uses, by reference and not by secret, but no sink of notifications', () => {
    expect(Object.keys(plan.targetDigests).sort()).toEqual([
      'edge',
      'limits',
      'orders',
      'prometheus',
      'runner',
      'switches',
    ]);
    const sources = shopSources({ descriptor: everything });
    const moved = { ...sources.environment.targets, edge: { ...sources.environment.targets.edge, backend: 'other' } };
    const other = compilePlan({ ...sources, environment: { ...sources.environment, targets: moved as never } });
    expect(other.ok && other.plan.targetDigests.edge).not.toBe(plan.targetDigests.edge);
    expect(other.ok && other.plan.targetDigests.orders).toBe(plan.targetDigests.orders);
  });
});

it('a sentinel that joins, moves or leaves changes no target', () => {
  expect(planOf({ sentinels: [sentinel] }).targetDigests).toEqual(planOf().targetDigests);
});

describe('a plan is refused', () => {
  it.each([
    ['unknown-service', { service: 'shpo' }, 'Did you mean `shop`?'],
    ['unknown-service', { service: 'constructor' }, 'Known: shop, cart, bent.'],
    ['wrong-environment', { environment: 'production' }, 'this worker serves `staging`'],
    ['unknown-target', { flags: [{ flag: 'a', value: true, target: 'swiches' }] }, 'Did you mean `switches`?'],
    ['unknown-target', { service: 'bent' }, '`gone`'],
    ['wrong-target-kind', { service: 'bent' }, '`runner`, which is of kind `exec`; traffic needs `haproxy`'],
    ['wrong-target-kind', { migrations: [{ ...splitName, database: 'edge' }] }, 'database needs `postgres`'],
    ['wrong-target-kind', { notify: [{ to: 'edge' }] }, 'notify needs `webhook`'],
    ['missing-target', { service: 'cart', migrations: [splitName] }, 'Migration `002` needs a database target'],
    ['missing-target', { service: 'cart', metrics: { m: { source: 'prometheus', value: 'x', max: 1 } } }, 'Metric `m`'],
    ['missing-file', { invariants: [{ id: 'a', query: 'no-order-lots.sql' }] }, 'Did you mean `no-order-lost.sql`?'],
    ['missing-file', { invariants: [{ id: 'a', query: '__proto__' }] }, 'not in the bundle'],
    ['unknown-gate', { gates: { go: {} }, fullExposure: { gate: 'og' } }, 'Did you mean `go`?'],
    ['reserved-gate-name', { gates: { 'policy-5': {} } }, '`policy-5`'],
    ['unknown-role', { gates: { go: { from: ['leds'] } }, fullExposure: { gate: 'go' } }, 'Did you mean `leads`?'],
    ['unknown-role', { contractGate: { from: ['nobody'] } }, 'Gate `contract`'],
    [
      'too-few-approvers',
      { gates: { go: { approvals: 2, from: ['on-call'] } }, fullExposure: { gate: 'go' } },
      'hold 1 person',
    ],
    ['duplicate-migration', { migrations: [splitName, splitName] }, '`002`'],
    ['empty-migration', { migrations: [{ id: '009' }] }, '`009`'],
    ['duplicate-invariant', { invariants: Array(2).fill({ id: 'a', query: 'no-order-lost.sql' }) }, '`a`'],
    ['duplicate-flag', { flags: Array(2).fill({ flag: 'a', value: 1 }) }, 'flag/switches/a'],
    ['conflicting-configuration', { configuration: [{ set: { a: 1 } }, { target: 'limits', set: { a: 2 } }] }, '`a`'],
    ['decreasing-exposure', { stages: [{ canaryPercent: 25 }, { canaryPercent: 5 }] }, 'Stage 2 has 5 %'],
    ['decreasing-exposure', { stages: [{ canaryPercent: 5 }, { canaryPercent: 5 }] }, 'must grow'],
    ['decreasing-exposure', { stages: [{ canaryPercent: 99.5 }] }, 'Full exposure has 99 %'],
  ])('for %s: %j', (code, descriptor, words) => {
    const refusals = refusalsOf({ descriptor });
    const refusal = refusals.find((found) => found.code === code);
    expect(refusal?.kind).toBe('invalid');
    expect(refusal?.message).toContain(words);
    expect(refusal?.fix).not.toBe('');
  });

  it.each([
    [{ maxFirstCanaryPercent: 1 }, {}, ['5 %', '1 %']],
    [{ maxFirstCanaryPercent: 99 }, { stages: [] }, ['100 %', '99 %']],
    [{ minBakeTime: '11m' }, {}, ['10m', '11m']],
    [{ minBakeTime: '1h' }, { stages: [] }, ['30m', '1h']],
    [{ minRollbackWindow: '31m' }, {}, ['30m', '31m']],
    [{ maxNoDataHold: '9m' }, {}, ['10m', '9m']],
  ])('by a floor of the policy %j under %j, naming both numbers', (floors, descriptor, words) => {
    const refusals = refusalsOf({ descriptor, policy: { floors } });
    expect(refusals.map(({ code, kind }) => [code, kind])).toContainEqual(['policy-floor', 'denied']);
    for (const word of words) expect(refusals[0]?.message).toContain(word);
  });

  it('when the policy asks for a sentinel and the traffic target has none', () => {
    const policy = { lease: { sentinel: 'required' } };
    expect(refusalsOf({ policy }).map(({ code, kind }) => [code, kind])).toEqual([['sentinel-missing', 'denied']]);
    const { lease, effects } = planOf({ policy, sentinels: [sentinel] });
    expect(lease).toEqual({ ttlMs: 30_000, isRequired: true });
    expect(effects.find(({ kind }) => kind === 'expose')).toMatchObject({ lease });
  });

  it('not when it stands exactly on the floors', () => {
    const floors = { maxFirstCanaryPercent: 5, minBakeTime: '10m', minRollbackWindow: '30m', maxNoDataHold: '10m' };
    expect(refusalsOf({ policy: { floors } })).toEqual([]);
  });

  it('with everything that stands against it at once', () => {
    const refusals = refusalsOf({
      descriptor: { environment: 'x', migrations: [{ id: '009' }], notify: [{ to: 'cat' }] },
      policy: { floors: { minBakeTime: '11m' } },
    });
    expect(new Set(refusals.map((refusal) => refusal.code))).toEqual(
      new Set(['wrong-environment', 'empty-migration', 'unknown-target', 'policy-floor']),
    );
  });
});

describe('a gate that the policy requires', () => {
  const go = { gates: { go: { approvals: 2, from: ['leads'] } } };
  const before25 = { ...go, stages: [{ canaryPercent: 5 }, { canaryPercent: 25, gate: 'go' }] };
  it.each([
    ['is added before the first exposure at its share', {}, { beforeCanaryPercent: 20 }, 'expose-25', ['policy-20']],
    [
      'is added before full exposure, which counts as 100 %',
      {},
      { beforeCanaryPercent: 100 },
      'expose-full',
      ['policy-100'],
    ],
    [
      'is met by a gate as strict',
      before25,
      { beforeCanaryPercent: 25, approvals: 2, from: ['leads', 'dba'] },
      'expose-25',
      ['go'],
    ],
    [
      'is not met by fewer approvals',
      before25,
      { beforeCanaryPercent: 25, approvals: 3, from: ['leads', 'dba'] },
      'expose-25',
      ['policy-25', 'go'],
    ],
    [
      'is not met by a wider circle',
      before25,
      { beforeCanaryPercent: 25, from: ['dba'] },
      'expose-25',
      ['policy-25', 'go'],
    ],
    ['is not met by a gate further on', before25, { beforeCanaryPercent: 1 }, 'expose-5', ['policy-1']],
  ])('%s', (_fact, descriptor, required, stage, expected) => {
    const plan = planOf({ descriptor, policy: { requiredGates: [required] } });
    expect(gatesBefore(plan, stage).map((gate) => gate.name)).toEqual(expected);
  });

  it('has a name of its own when two ask for the same share', () => {
    const requiredGates = [
      { beforeCanaryPercent: 50, from: ['leads'] },
      { beforeCanaryPercent: 50, from: ['dba'] },
    ];
    const plan = planOf({ policy: { requiredGates } });
    expect(gatesBefore(plan, 'expose-full').map((gate) => gate.name)).toEqual(['policy-50-2', 'policy-50']);
    expect(new Set(ids(plan)).size).toBe(plan.stages.length);
  });

  it('is not met by a gate for anyone when it names roles', () => {
    const descriptor = { gates: { go: { approvals: 9 } }, fullExposure: { gate: 'go' } };
    const plan = planOf({ descriptor, policy: { requiredGates: [{ beforeCanaryPercent: 100, from: ['dba'] }] } });
    expect(gatesBefore(plan, 'expose-full').map((gate) => gate.name)).toEqual(['policy-100', 'go']);
  });

  it('takes from the policy whether the requester may approve', () => {
    const policy = { approvals: { requesterMayApprove: false }, requiredGates: [{ beforeCanaryPercent: 5 }] };
    expect(gatesBefore(planOf({ policy }), 'expose-5')[0]?.requesterMayApprove).toBe(false);
  });
});
