import { policySchema } from '../../src/core/policy/schema';

/** Drift is told, and left to its owners. */
export const ownersDecide = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'owners-decide',
  drift: { flags: 'tell', configuration: 'tell', routes: 'tell' },
});
