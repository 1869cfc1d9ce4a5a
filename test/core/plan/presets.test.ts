import { planOf, refusalsOf, shopSources } from './shop-sources';
import { compilePlan } from '../../../src/core/plan/compile';
import { describePlan } from '../../../src/core/plan/describe';
import { parseEnvironment } from '../../../src/core/environment/parse';

const metrics = (all: { readonly [name: string]: unknown }) => ({ descriptor: { metrics: all } });

function withConventions(conventions: unknown, preset: { readonly [key: string]: unknown }) {
  const sources = shopSources(metrics({ it: preset }));
  const { shop } = sources.environment.services;
  const services = { ...sources.environment.services, shop: { ...shop, conventions } };
  return compilePlan({ ...sources, environment: { ...sources.environment, services } as typeof sources.environment });
}

it('writes the queries of a descriptor that writes none', () => {
  const { metrics: rules, targets } = planOf(
    metrics({ errors: { preset: 'http-errors' }, latency: { preset: 'http-latency', convention: 'istio' } }),
  );
  expect(rules).toEqual([
    { name: 'errors', guardrail: true, kind: 'proxy-errors', limit: { kind: 'margin', share: 0.005 } },
    {
      name: 'latency',
      guardrail: true,
      kind: 'histogram',
      target: 'prometheus',
      series:
        'istio_request_duration_milliseconds_bucket{destination_service_name="shop",destination_version="$slot",reporter="destination"}',
      aboveMs: 500,
      unit: 'ms',
      limit: { kind: 'margin', share: 0.01 },
    },
  ]);
  expect(targets.metrics).toEqual(['prometheus']);
});

it('reads the saturation of HAProxy by the names at the proxy', () => {
  const [rule] = planOf(metrics({ full: { preset: 'saturation', max: 0.8 } })).metrics;
  expect(rule).toMatchObject({
    kind: 'value',
    max: 0.8,
    query:
      'max(haproxy_server_current_sessions{proxy="shop",server="$slot"} / haproxy_server_limit_sessions{proxy="shop",server="$slot"})',
  });
});

it('holds the mean latency of HAProxy against the bound in seconds', () => {
  const [rule] = planOf(metrics({ slow: { preset: 'http-latency', above: '250ms' } })).metrics;
  expect(rule).toMatchObject({ kind: 'value', max: 0.25 });
});

it('takes the convention that the environment names', () => {
  const compiled = withConventions({ kubernetes: { namespace: 'web', pod: 'shop-$slot-*' } }, { preset: 'restarts' });
  expect(compiled).toMatchObject({
    ok: true,
    plan: { metrics: [{ query: expect.stringContaining('pod=~"shop-$slot-.*"') as string }] },
  });
});

it('refuses a metric that no convention of the service has, and names those that have it', () => {
  const [refusal] = refusalsOf(metrics({ reads: { preset: 'unusual-data-access' } }));
  expect(refusal).toMatchObject({ code: 'preset-unavailable', kind: 'invalid' });
  expect(refusal?.message).toContain('opentelemetry, prometheus-client have it');
  const [other] = refusalsOf(metrics({ reads: { preset: 'restarts', convention: 'nginx' } }));
  expect(other?.message).toContain('`nginx` has no `restarts`');
});

it('gives security signals to the role that answers for them', () => {
  const plan = planOf({
    ...metrics({ logins: { preset: 'authentication-failures', convention: 'opentelemetry' } }),
    policy: { roles: { security: ['eve', 'sam'] } },
  });
  expect(plan.metrics).toMatchObject([{ guardrail: true, owner: { role: 'security', people: ['eve', 'sam'] } }]);
  expect(describePlan(plan)).toContain('owner security (eve, sam)');
});

it('warns of an owner that nobody is', () => {
  const { warnings } = planOf(metrics({ errors: { preset: 'http-errors', owner: 'nobody-there' } }));
  expect(warnings.join('\n')).toContain('owned by nobody-there, a role that the policy gives to nobody');
});

it('refuses PromQL of its own where the policy does, and no ready-made metric', () => {
  const policy = { metrics: { ownQueries: 'refused' } };
  const own = { queue: { source: 'prometheus', value: 'max(queue)', max: 1 } };
  expect(refusalsOf({ ...metrics(own), policy })).toMatchObject([{ code: 'own-query-refused', kind: 'denied' }]);
  expect(refusalsOf({ ...metrics({ full: { preset: 'saturation' } }), policy })).toEqual([]);
});

it('leaves a plan without presets, owners and budgets as it was', () => {
  const text = JSON.stringify(planOf());
  for (const key of ['owner"', 'unit', 'budget', 'maxUserMinutes']) expect(text).not.toContain(key);
});

const environmentText = (conventions: string): string => `apiVersion: spillway/v1
kind: environment
name: staging
store: { dsn: env:STORE }
sealKey: env:SEAL
targets:
  edge: { kind: haproxy, backend: shop, sockets: [/run/ha.sock], stateFiles: none }
  runner: { kind: exec, deploy: [a], status: [b], drain: [c], undeploy: [d], urls: { blue: "http://a", green: "http://b" } }
services:
  shop: { traffic: edge, deployer: runner, conventions: ${conventions} }
`;

it.each([
  ['{ istio: {} }', ''],
  ['{ istio: { destination_version: $slot } }', ''],
  ['{ istio: { destination_version: v1 } }', '10:66 slot-missing services.shop.conventions.istio'],
  ['{ istia: {} }', '10:59 key-unknown'],
  ['{ istio: { le: $slot } }', 'name-malformed'],
  ['{ istio: { "a=\\"x\\",b": $slot } }', 'name-malformed'],
])('the environment with conventions %s', (conventions, issue) => {
  const parsed = parseEnvironment(environmentText(conventions), 'environment.yaml');
  const text = parsed.ok
    ? ''
    : parsed.issues.map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`).join();
  expect(text).toContain(issue);
  expect(parsed.ok).toBe(issue === '');
});
