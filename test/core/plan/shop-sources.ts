import { descriptorSchema, type Descriptor } from '../../../src/core/descriptor/schema';
import { environmentSchema } from '../../../src/core/environment/schema';
import { compilePlan, type PlanSources } from '../../../src/core/plan/compile';
import { sqlParts } from '../../../src/core/plan/effects';
import type { Plan } from '../../../src/core/plan/plan';
import type { Refusal } from '../../../src/core/plan/refusal';
import { sqlReportKey, type SqlReports } from '../../../src/core/plan/sql-report';
import { policySchema } from '../../../src/core/policy/schema';
import { edgeTarget } from '../../support/edge-target';
import { loginTarget } from '../../support/login-target';

type Fields = { readonly [key: string]: unknown };

const environment = {
  apiVersion: 'spillway/v1',
  kind: 'environment',
  name: 'staging',
  store: { dsn: 'env:STORE_DSN' },
  sealKey: 'env:SEAL_KEY',
  targets: {
    edge: edgeTarget,
    runner: {
      kind: 'exec',
      deploy: ['deploy'],
      status: ['status'],
      drain: ['drain'],
      undeploy: ['undeploy'],
      urls: { blue: 'http://127.0.0.1:1', green: 'http://127.0.0.1:2' },
    },
    orders: { kind: 'postgres', dsn: 'env:ORDERS_DSN' },
    stock: { kind: 'postgres', dsn: 'file:/run/secrets/stock' },
    limits: { kind: 'configuration-file', paths: { blue: 'b.json', green: 'g.json' } },
    switches: { kind: 'flag-file', path: 'flags.json' },
    prometheus: { kind: 'prometheus', url: 'http://127.0.0.1:9090' },
    login: loginTarget,
    chat: { kind: 'webhook', url: 'env:CHAT_URL' },
  },
  services: {
    shop: {
      traffic: 'edge',
      deployer: 'runner',
      metrics: 'prometheus',
      database: 'orders',
      configuration: 'limits',
      flags: 'switches',
    },
    cart: { traffic: 'edge', deployer: 'runner' },
    bent: { traffic: 'runner', deployer: 'gone' },
  },
};

const descriptor = {
  apiVersion: 'spillway/v1',
  service: 'shop',
  version: '2.0.0',
  environment: 'staging',
  hypothesis: { change: 'Names are stored in two parts.', keep: 'Orders go through.' },
  owners: { lead: 'Ada' },
};

const policy = {
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'acme',
  roles: { leads: ['ada', 'bob'], dba: ['cem', 'ada'], 'on-call': ['dee'] },
};

/** A migration with all three parts, and the files it names. */
export const splitName = {
  id: '002',
  expand: { sql: '002.sql', undo: '002.undo.sql', check: '002.check.sql' },
  backfill: { batch: '002.batch.sql', undo: { skip: 'The column goes with the expand.' } },
  contract: { sql: '002.contract.sql', undo: { skip: 'The old column is not read any more.' } },
};

const files: { readonly [path: string]: string } = {
  '002.sql': 'alter table orders add first text',
  '002.undo.sql': 'alter table orders drop first',
  '002.check.sql': 'select 1 where false',
  '002.batch.sql': 'update orders set first = name',
  '002.contract.sql': 'alter table orders drop name',
  '003.sql': 'alter table orders add note text',
  '003.undo.sql': 'alter table orders drop note',
  'no-order-lost.sql': 'select 1 where false',
};

/** Everything a descriptor can ask for, in one. */
export const everything: Fields = {
  migrations: [splitName, { id: '003', expand: { sql: '003.sql', undo: '003.undo.sql' } }],
  invariants: [{ id: 'no-order-lost', query: 'no-order-lost.sql' }],
  configuration: [{ set: { timeoutMs: 800 } }, { set: { retries: 2 } }],
  flags: [
    { flag: 'two-names', value: true },
    { flag: 'stop-checkout', value: false, killSwitch: true },
  ],
  gates: { go: { approvals: 2, from: ['leads'] } },
  stages: [{ canaryPercent: 5 }, { canaryPercent: 25, gate: 'go' }],
  fullExposure: { gate: 'go' },
  metrics: {
    'http-errors': { source: 'proxy', max: 'baseline + 0.3%' },
    declined: { source: 'prometheus', bad: 'bad{slot="$slot"}', total: 'all{slot="$slot"}', max: 'baseline * 1.2' },
    slow: { source: 'prometheus', histogram: 'latency_bucket{slot="$slot"}', above: '250ms', max: '2%' },
    queue: { source: 'prometheus', value: 'max(queue{slot="$slot"})', max: 40, guardrail: false },
    orders: { source: 'prometheus', value: 'orders{slot="$slot"}', min: 'baseline * 0.9', max: 'baseline + 5' },
  },
  notify: [{ to: 'chat' }],
};

/** What the parser would say of SQL without a fault; the rules have tests of their own. */
function cleanReports({ migrations }: Descriptor): SqlReports {
  const compared = migrations.flatMap(({ id, reconcile }) => reconcile.map((rule) => `reconcile ${id}/${rule.id}`));
  return Object.fromEntries(
    [...Object.keys(files), ...compared].flatMap((path) =>
      ([...sqlParts, 'undo', 'check'] as const).map((role) => [
        sqlReportKey(role, path),
        { issues: [], allowances: [], statements: [] },
      ]),
    ),
  );
}

type Changes = {
  readonly descriptor?: Fields;
  readonly policy?: Fields;
  readonly sentinels?: readonly Fields[];
  readonly stateFiles?: readonly string[];
  /** More of what the service has in the environment. */
  readonly service?: Fields;
  /** More targets of the environment. */
  readonly targets?: Fields;
  readonly sql?: SqlReports;
};

/** One that guards the traffic target. */
export const sentinel: Fields = { url: 'http://127.0.0.1:7480', token: 'env:SENTINEL_TOKEN' };

export function shopSources(changes: Changes = {}): PlanSources {
  const parsed = descriptorSchema.parse({ ...descriptor, ...changes.descriptor });
  return {
    descriptor: parsed,
    files,
    environment: environmentSchema.parse({
      ...environment,
      targets: {
        ...environment.targets,
        ...changes.targets,
        edge: {
          ...environment.targets.edge,
          sentinels: changes.sentinels ?? [],
          stateFiles: changes.stateFiles ?? 'none',
        },
      },
      services: { ...environment.services, shop: { ...environment.services.shop, ...changes.service } },
    }),
    policy: policySchema.parse({ ...policy, ...changes.policy }),
    sql: { ...cleanReports(parsed), ...changes.sql },
  };
}

export function planOf(changes: Changes = {}): Plan {
  const compiled = compilePlan(shopSources(changes));
  if (!compiled.ok) throw new Error(compiled.refusals.map((refusal) => refusal.message).join('\n'));
  return compiled.plan;
}

export function refusalsOf(changes: Changes = {}): readonly Refusal[] {
  const compiled = compilePlan(shopSources(changes));
  return compiled.ok ? [] : compiled.refusals;
}
