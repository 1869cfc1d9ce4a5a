import { createUnleashFlags, type UnleashOptions } from '../../../../src/adapters/flags/unleash';
import type { FlagsPort } from '../../../../src/ports/flags';
import type { TestUnleash } from '../../../support/unleash';

/** One Unleash for all tests of a file; it is there once the tests run. */
export type Rig = () => TestUnleash;

export const flagsAt = (unleash: TestUnleash, change: Partial<UnleashOptions> = {}): FlagsPort =>
  createUnleashFlags({
    url: unleash.url,
    project: 'default',
    environment: 'development',
    token: unleash.adminToken,
    timeoutMs: 10_000,
    tenantField: 'tenant',
    ...change,
  });
/** Nothing is left of any flag. */
export async function removeAll(unleash: TestUnleash): Promise<void> {
  const { features } = (await unleash.admin('GET', '/projects/default/features')) as { features: { name: string }[] };
  for (const { name } of features) {
    await unleash.admin('DELETE', `/projects/default/features/${name}`);
    await unleash.admin('DELETE', `/archive/${name}`);
  }
}
