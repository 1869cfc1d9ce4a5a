import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProbe, type ProbeOptions } from '../../../src/adapters/traffic/haproxy-probe';
import type { Asker } from '../../../src/core/cohorts/asker';
import { failure } from '../../support/failure';

describe('a request of the probe', () => {
  let server: Server;
  let came: IncomingHttpHeaders = {};
  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      came = incoming.headers;
      answer.writeHead(200, { 'x-spillway-slot': 'green' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const probe = (identity?: ProbeOptions['identity'], port = (server.address() as AddressInfo).port) =>
    createProbe(
      { servers: { blue: 'blue', green: 'green' } },
      {
        urls: [`http://127.0.0.1:${port}/`],
        slotHeader: 'x-spillway-slot',
        timeoutMs: 2_000,
        headers: { tenant: 'x-tenant', region: 'x-region' },
        ...(identity === undefined ? {} : { identity }),
      },
    );

  const byHeader = { header: 'x-user-id' };
  const byCookie = { cookie: 'uid' };
  const nobody: IncomingHttpHeaders = {};

  it.each<[string, Asker, ProbeOptions['identity'], IncomingHttpHeaders]>([
    ['nobody known says nothing', {}, byHeader, nobody],
    ['a member says which', { member: 'region/eu' }, byHeader, { 'x-region': 'eu' }],
    ['an identity stands in its header', { identity: 'ada' }, byHeader, { 'x-user-id': 'ada' }],
    ['an identity stands in its cookie', { identity: 'ada' }, byCookie, { cookie: 'uid=ada' }],
    [
      'an identity of a member says both',
      { identity: 'ada', member: 'tenant/acme' },
      byCookie,
      { cookie: 'uid=ada', 'x-tenant': 'acme' },
    ],
  ])('as %s', async (_, asker, identity, wanted) => {
    expect(await probe(identity)(asker)).toEqual(['green']);
    const { 'x-tenant': tenant, 'x-region': region, 'x-user-id': user, cookie } = came;
    const said = { 'x-tenant': tenant, 'x-region': region, 'x-user-id': user, cookie };
    expect(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))).toEqual(wanted);
    expect(came['x-spillway-check']).toBe('1');
  });

  it('is refused as somebody of whom nobody says how HAProxy knows them', async () => {
    const unknown = await failure(probe()({ identity: 'ada' }));
    expect([unknown.code, unknown.message]).toEqual(['Rejected', expect.stringMatching(/Add `identity` to/)]);
    const other = await failure(probe(byHeader)({ member: 'plan/gold' }));
    expect([other.code, other.message]).toEqual(['Rejected', expect.stringMatching(/^plan\/gold has no header/)]);
  });

  it('that nobody answers says where and as whom it was asked', async () => {
    const away = await failure(probe(byHeader, 1)({ identity: 'ada', member: 'tenant/acme' }));
    expect([away.code, away.message]).toEqual([
      'TargetUnavailable',
      '127.0.0.1:1: no connection as the identity ada of tenant/acme',
    ]);
  });
});
