import { z } from 'zod';
import { asJson, type Json } from '../../core/json';

/** What flagd's evaluator insists on; what else stands in a definition is kept. */
const definitionSchema = z
  .object({
    state: z.enum(['ENABLED', 'DISABLED'], { error: 'it is neither ENABLED nor DISABLED' }),
    variants: z.record(z.string().min(1), z.json(), { error: 'there are none' }),
    defaultVariant: z.string().nullish(),
    targeting: z.record(z.string(), z.json(), { error: 'it is no object' }).nullish(),
  })
  .catchall(z.json())
  .superRefine(({ variants, defaultVariant }, context) => {
    const say = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const types = new Set(Object.values(variants).map((value) => (Array.isArray(value) ? 'array' : typeof value)));
    if (types.size === 0) say('variants', 'there are none');
    if (types.size > 1) say('variants', `they are of several types (${[...types].join(', ')})`);
    if (typeof defaultVariant === 'string' && defaultVariant !== '' && !Object.hasOwn(variants, defaultVariant))
      say('defaultVariant', `there is no variant ${defaultVariant}, only ${Object.keys(variants).join(', ')}`);
  });

export type FlagdDefinition = z.infer<typeof definitionSchema>;

type ParsedDefinition =
  { readonly definition: FlagdDefinition } | { readonly definition?: undefined; readonly fault: string };

/** A definition, or what is wrong with it. */
export function parseDefinition(value: Json): ParsedDefinition {
  const parsed = definitionSchema.safeParse(value);
  if (parsed.success) return { definition: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { fault: path === '' ? 'it is no object with state and variants' : `${path}: ${issue?.message}` };
}

/** The names of the variants that are true and false, where there is one of each. */
export function booleanVariants({ variants }: FlagdDefinition): { on: string; off: string } | undefined {
  const named = (wanted: boolean) => Object.keys(variants).filter((name) => variants[name] === wanted);
  const [on, ...otherOn] = named(true);
  const [off, ...otherOff] = named(false);
  const isOne = otherOn.length === 0 && otherOff.length === 0;
  return on !== undefined && off !== undefined && isOne ? { on, off } : undefined;
}

/** Everybody gets this variant. */
export const sameForAll = (definition: FlagdDefinition, variant: string): Json =>
  asJson({ ...definition, state: 'ENABLED', defaultVariant: variant, targeting: undefined });
