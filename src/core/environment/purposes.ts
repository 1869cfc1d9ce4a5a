import type { Target } from './schema';

/** What a target is for, and the kinds of target that can serve it. */
export const kindsFor = {
  traffic: ['haproxy'],
  deployer: ['exec'],
  metrics: ['prometheus'],
  database: ['postgres'],
  configuration: ['configuration-file', 'configuration-git'],
  flags: ['flag-file', 'flagd-file', 'unleash'],
  credentials: ['postgres-login'],
  notify: ['webhook'],
} as const satisfies { readonly [purpose: string]: readonly Target['kind'][] };

export type Purpose = keyof typeof kindsFor;

export const canServe = (purpose: Purpose, kind: string): boolean =>
  kindsFor[purpose].some((fitting) => fitting === kind);
