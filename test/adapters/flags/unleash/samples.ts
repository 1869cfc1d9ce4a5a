export const rollout = (change: object = {}) => ({
  name: 'flexibleRollout',
  title: '',
  disabled: false,
  parameters: { groupId: 'new-basket', rollout: '25', stickiness: 'userId' },
  constraints: [],
  segments: [],
  variants: [],
  ...change,
});
export const inTenants = {
  contextName: 'tenant',
  operator: 'IN',
  values: ['bolt', 'acme'],
  inverted: false,
  caseInsensitive: false,
};
const variant = (name: string, weight: number, weightType = 'variable') => ({
  name,
  weight,
  weightType,
  stickiness: 'default',
});

/** Everything that a strategy can have; the segment is made before all tests. */
export const rich = {
  enabled: true,
  strategies: [
    rollout({
      title: 'a few',
      constraints: [inTenants, { ...inTenants, operator: 'NUM_GT', contextName: 'age', values: [], value: '17' }],
      variants: [
        variant('a', 300),
        { ...variant('b', 400, 'fix'), payload: { type: 'string', value: 'x' } },
        variant('c', 300),
      ],
    }),
    rollout({ name: 'default', parameters: {}, segments: [1] }),
    rollout({ name: 'default', parameters: {}, title: 'not now', disabled: true }),
  ],
};
export const plain = {
  enabled: true,
  strategies: [rollout({ parameters: { groupId: 'new-basket', rollout: '100', stickiness: 'default' } })],
};
export const thirds = {
  enabled: false,
  strategies: [rollout({ variants: [variant('a', 333), variant('b', 333), variant('c', 334)] })],
};
export const path = '/projects/default/features/new-basket';
export const inDevelopment = `${path}/environments/development`;
