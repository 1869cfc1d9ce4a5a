/** A traffic target with cohorts, for tests in which nothing answers at its addresses. */
export const edgeTarget = {
  kind: 'haproxy',
  backend: 'shop',
  sockets: ['/run/haproxy.sock'],
  stateFiles: 'none',
  cohorts: {
    map: '/run/cohorts.map',
    attributes: {
      tenant: { header: 'x-tenant', values: ['acme', 'globex', 'initech'] },
      region: { header: 'x-region', values: ['eu', 'us'] },
    },
    named: {
      'early-adopters': { tenant: ['acme'] },
      partners: { tenant: ['acme', 'globex'] },
      europe: { region: ['eu'] },
    },
    probe: { urls: ['http://127.0.0.1:8080/'] },
  },
};
