/**
 * What of the core the workflows reach, by its entries. It is pure and keeps nothing, so all releases of a worker share one
 * frozen copy; without it each would evaluate and keep its own.
 */
const sharedCore = [
  './core/evidence/publication',
  './core/evidence/record',
  './core/evidence/record-event',
  './core/evidence/waiting',
  './core/plan/effects',
  './core/plan/stages',
  './core/release/admit',
  './core/release/apply-message',
  './core/release/contract-publication',
  './core/release/contract-state',
  './core/release/details',
  './core/release/drain',
  './core/release/events',
  './core/release/explain',
  './core/release/explain-contract',
  './core/release/messages',
  './core/release/notices',
  './core/release/reconcile-publication',
  './core/release/repeats',
  './core/release/report',
  './core/release/rollback-order',
  './core/release/see-id',
  './core/release/state',
  './core/release/way-back',
] as const;

/** What a workflow bundle is made of. */
export const workflowCode = {
  workflowsPath: require.resolve('./workflows'),
  workflowInterceptorModules: [require.resolve('./workflows/interceptors')],
  preloadModules: sharedCore.map((name) => require.resolve(name)),
};
