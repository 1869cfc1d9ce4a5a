import type { Convention, Select } from './convention';

/** Names of the OWASP logging vocabulary, as values of the label `event`. */
const escalations = ['privilege_permissions_changed', 'authz_change', 'authz_admin'] as const;

/**
 * Security signals that only the application knows: `security_events_total{event="…"}` counts events by their name in
 * the OWASP logging vocabulary, and each is held against all requests of the same version.
 */
export const securityEvents = (requests: (select: Select) => string): Convention['presets'] => ({
  'permission-escalations': (select) => ({
    kind: 'ratio',
    bad: select('security_events_total', { event: escalations }),
    total: requests(select),
  }),
  'unusual-data-access': (select) => ({
    kind: 'ratio',
    bad: select('security_events_total', { event: 'sensitive_read' }),
    total: requests(select),
  }),
});
