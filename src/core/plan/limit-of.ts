import { parseLimit, type Limit } from '../descriptor/limit';

/** A metric's limit as numbers; lint has held its text against the kind of the metric already. */
export function limitOf(max: string | number): Limit {
  const limit = typeof max === 'string' ? parseLimit(max) : undefined;
  if (limit === undefined) throw new Error(`not a limit: ${max}`);
  return limit;
}
