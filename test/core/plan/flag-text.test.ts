import { flagText } from '../../../src/core/plan/flag-text';

it('shows a short value whole and the beginning of a long one, never half a character', () => {
  expect([true, 'dark', { percent: 5 }].map(flagText)).toEqual(['true', '"dark"', '{"percent":5}']);
  const long = flagText({ tenants: Array.from({ length: 200 }, () => '🦆') });
  expect([...long]).toHaveLength(100);
  expect(long).toMatch(/^\{"tenants":\["🦆",.*…$/u);
});
