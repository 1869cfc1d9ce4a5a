import { z } from 'zod';

/** Who gets a flag, said the same way for every provider: these tenants, who is served by these versions, and what share of them. */
const limitSchema = z.strictObject({
  percent: z.number().int().min(0).max(100).optional(),
  tenants: z.array(z.string().min(1)).min(1).optional(),
  versions: z.array(z.string().min(1)).min(1).optional(),
});
const meant = z.union([
  z.looseObject({ percent: z.unknown() }),
  z.looseObject({ tenants: z.unknown() }),
  z.looseObject({ versions: z.unknown() }),
]);

export type FlagLimit = z.infer<typeof limitSchema>;

/** The fields of the evaluation context by which a limit picks. */
export type LimitFields = { readonly tenantField: string; readonly versionField?: string | undefined };

const usualVersionField = 'version';

/** What has to be one of which values: for nobody else is the flag. */
export const conditionsOf = (
  { tenants, versions }: FlagLimit,
  { tenantField, versionField = usualVersionField }: LimitFields,
): readonly { readonly field: string; readonly values: string[] }[] => [
  ...(tenants === undefined ? [] : [{ field: tenantField, values: tenants }]),
  ...(versions === undefined ? [] : [{ field: versionField, values: versions }]),
];

/** The limit that a value says, or why it says none; undefined for a value of another kind. */
export function parseLimit(
  value: unknown,
): { readonly limit: FlagLimit } | { readonly limit?: undefined; readonly fault: string } | undefined {
  if (!meant.safeParse(value).success) return undefined;
  const parsed = limitSchema.safeParse(value);
  if (parsed.success) return { limit: parsed.data };
  return {
    fault:
      'percent is a whole number from 0 to 100, tenants and versions are lists of names, and nothing else stands beside them',
  };
}
