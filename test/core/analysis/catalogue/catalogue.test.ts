import fc from 'fast-check';
import {
  conventionFor,
  conventionsWith,
  readyQuery,
  type Place,
} from '../../../../src/core/analysis/catalogue/catalogue';
import { matchersOf } from '../../../../src/core/analysis/catalogue/matchers';
import { queriesOf } from './queries-of';
import { presetNames } from '../../../../src/core/analysis/catalogue/names';

const place: Place = { service: 'shop', conventions: {}, proxyLabels: { proxy: 'shop', server: 'web-$slot' } };

describe('queries of the catalogue', () => {
  // Names as the makers of each convention document them.
  it.each([
    [
      'http-errors',
      'opentelemetry',
      'http_server_request_duration_seconds_count{job="shop",slot="$slot",http_response_status_code=~"5.*"}',
    ],
    [
      'http-errors',
      'istio',
      'istio_requests_total{destination_service_name="shop",destination_version="$slot",reporter="destination",response_code=~"5.*"}',
    ],
    [
      'http-errors',
      'envoy',
      'envoy_cluster_upstream_rq_xx{envoy_cluster_name="shop-$slot",envoy_response_code_class="5"}',
    ],
    ['http-errors', 'nginx', 'nginx_ingress_controller_requests{service="shop-$slot",status=~"5.*"}'],
    ['http-errors', 'prometheus-client', 'http_requests_total{service="shop",slot="$slot",code=~"5.*"}'],
    [
      'authentication-failures',
      'opentelemetry',
      'http_server_request_duration_seconds_count{job="shop",slot="$slot",http_response_status_code="401"}',
    ],
    ['authorization-failures', 'nginx', 'nginx_ingress_controller_requests{service="shop-$slot",status="403"}'],
    [
      'permission-escalations',
      'prometheus-client',
      'security_events_total{service="shop",slot="$slot",event=~"privilege_permissions_changed|authz_change|authz_admin"}',
    ],
    ['unusual-data-access', 'opentelemetry', 'security_events_total{job="shop",slot="$slot",event="sensitive_read"}'],
  ] as const)('%s by %s counts the bad events of one slot', (preset, convention, bad) => {
    expect(readyQuery(preset, convention, place)).toMatchObject({ kind: 'ratio', bad });
  });

  it.each([
    ['istio', 'ms'],
    ['envoy', 'ms'],
    ['nginx', 's'],
    ['opentelemetry', 's'],
    ['prometheus-client', 's'],
  ] as const)('http-latency by %s reads buckets whose bounds are in %s', (convention, unit) => {
    const found = readyQuery('http-latency', convention, place);
    expect(found).toMatchObject({ kind: 'histogram', unit });
    expect(found).toMatchObject({ series: expect.stringMatching(/_bucket\{.*\$slot.*\}$/) as string });
  });

  it('reads errors of HAProxy at the proxy itself, even where its servers cannot be told apart by name', () => {
    expect(readyQuery('http-errors', 'haproxy', { ...place, proxyLabels: undefined })).toEqual({
      kind: 'proxy-errors',
    });
    expect(readyQuery('saturation', 'haproxy', { ...place, proxyLabels: undefined })).toBeUndefined();
  });

  it('takes the labels of the environment for its own ones', () => {
    const own: Place = { service: 'shop', conventions: { kubernetes: { namespace: 'web', pod: '$service-$slot-*' } } };
    expect(readyQuery('restarts', 'kubernetes', own)).toEqual({
      kind: 'value',
      query: 'sum(increase(kube_pod_container_status_restarts_total{namespace="web",pod=~"shop-$slot-.*"}[5m]))',
    });
  });

  it('prefers the proxy for errors, then the conventions of the service in their order', () => {
    const two: Place = { ...place, conventions: { istio: {}, opentelemetry: {}, kubernetes: {} } };
    expect(conventionFor('http-errors', two)).toBe('haproxy');
    expect(conventionFor('http-latency', two)).toBe('istio');
    expect(conventionFor('restarts', two)).toBe('opentelemetry');
    expect(conventionFor('restarts', place)).toBe('haproxy');
    expect(conventionFor('unusual-data-access', place)).toBeUndefined();
  });

  it('says where the slot goes in every query of every convention', () => {
    for (const preset of presetNames)
      for (const convention of conventionsWith(preset)) {
        const found = readyQuery(preset, convention, place);
        expect(found).toBeDefined();
        for (const query of queriesOf(found)) expect(query).toContain('$slot');
      }
  });
});

describe('labels as matchers', () => {
  it('quotes what would end a text', () => {
    expect(matchersOf({ job: 'a"} or vector(1) #\\\n' })).toBe('job="a\\"} or vector(1) #\\\\\\n"');
  });

  it('matches everything but the star literally', () => {
    expect(matchersOf({ pod: 'shop.$slot-*' })).toBe('pod=~"shop\\\\.$slot-.*"');
  });

  // An independent reading of the text: JSON has the same escapes as PromQL for what may stand here.
  it('gives back exactly the value that was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const plain = value.replace(/[*\p{Cc}]/gu, '');
        const [, text = ''] = /^job=(".*")$/su.exec(matchersOf({ job: plain })) ?? [];
        expect(JSON.parse(text)).toBe(plain);
      }),
      { seed: 20261122 },
    );
  });

  it('makes a pattern that matches the same text and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, other) => {
        const [start, plain] = [value.replace(/[*\p{Cc}]/gu, ''), other.replace(/\p{Cc}/gu, '')];
        const [, text = ''] = /^job=~(".*")$/su.exec(matchersOf({ job: `${start}*` })) ?? [];
        const pattern = new RegExp(`^(?:${String(JSON.parse(text))})$`, 's');
        expect(pattern.test(`${start}${plain}`)).toBe(true);
        expect(pattern.test(`~${start}${plain}`)).toBe(`~${start}${plain}`.startsWith(start));
      }),
      { seed: 20261122 },
    );
  });
});
