import type { Environment } from '../../src/core/environment/schema';
import type { MemoryWorld } from './memory-world';
import type { Rig } from './release-rig';

/** A credential of an environment: two logins that take turns. */
export const loginTarget = {
  kind: 'postgres-login',
  dsn: 'env:LOGIN_DSN',
  logins: [
    { role: 'shop_a', password: 'env:SHOP_A' },
    { role: 'shop_b', password: 'env:SHOP_B' },
  ],
};

/** From now on the service of a world in memory has this credential, and its baseline names `shop_a`. */
export const useLogin = ({ control, world }: Rig): void => nameLogin(control.ports.environment, world);

export function nameLogin(environment: Environment, world: Pick<MemoryWorld, 'configuration'>): void {
  Object.assign(environment.services['shop'] ?? {}, { credentials: 'login' });
  world.configuration.setText('blue', '{"limit":1,"databaseLogin":"shop_a"}');
}
