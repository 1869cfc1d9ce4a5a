import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';

/**
 * For how long the copies of a part are kept.
 * @throws PortError `Rejected` where the plan does not say: a copy without a time would be removed at once.
 */
export function keepTimeMs(effect: MigrateEffect): number {
  if (effect.rule !== undefined) return effect.rule.keepMs;
  throw new PortError(
    'Rejected',
    `${nameEffect(effect, 'restore point')} on ${effect.target}: the plan, of an older worker, does not say for how long a copy is kept; ` +
      'start a new release that declares the migration',
  );
}
