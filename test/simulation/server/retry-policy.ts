import { milliseconds, type Fields } from './workflow-instance';

type Policy = {
  readonly initialMs: number;
  readonly coefficient: number;
  readonly longestMs: number;
  readonly mostAttempts: number;
};

/** How often and how soon an activity is tried again, as its workflow asked. */
export function policyOf(fields: Fields | undefined): Policy {
  const initialMs = milliseconds(fields?.['initialInterval']) ?? 1_000;
  const most = Number(fields?.['maximumAttempts'] ?? 0);
  return {
    initialMs,
    coefficient: Number(fields?.['backoffCoefficient'] ?? 2) || 2,
    longestMs: milliseconds(fields?.['maximumInterval']) ?? 100 * initialMs,
    mostAttempts: most === 0 ? Infinity : most,
  };
}
