import { z } from 'zod';

/** Who gets a flag, said the same way for every provider: these tenants, this share of users, or this share of theirs. */
const limitSchema = z.strictObject({
  percent: z.number().int().min(0).max(100).optional(),
  tenants: z.array(z.string().min(1)).min(1).optional(),
});
const meant = z.union([z.looseObject({ percent: z.unknown() }), z.looseObject({ tenants: z.unknown() })]);

export type FlagLimit = z.infer<typeof limitSchema>;

/** The limit that a value says, or why it says none; undefined for a value of another kind. */
export function parseLimit(
  value: unknown,
): { readonly limit: FlagLimit } | { readonly limit?: undefined; readonly fault: string } | undefined {
  if (!meant.safeParse(value).success) return undefined;
  const parsed = limitSchema.safeParse(value);
  if (parsed.success) return { limit: parsed.data };
  return {
    fault: 'percent is a whole number from 0 to 100, tenants a list of names, and nothing else stands beside them',
  };
}
