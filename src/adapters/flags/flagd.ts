import { asJson, type Json } from '../../core/json';
import { PortError } from '../../ports/errors';
import type { FlagsPort, FlagWish } from '../../ports/flags';
import { booleanVariants, parseDefinition, sameForAll, type FlagdDefinition } from './flagd-definition';
import { createFlagsInFile, type FlagFileOptions } from './json-file';
import { conditionsOf, parseLimit, type FlagLimit, type LimitFields } from './limit';

export type FlagdFileOptions = FlagFileOptions & LimitFields;

/**
 * Flags in a file that flagd serves, or that its provider reads in the process: a flag is its whole definition. Short for one
 * are `true` and `false` (everybody gets the variant of that value), a string (everybody gets the variant of that name) and
 * `{ percent, tenants, versions }` (they get the variant `true`, all others `false`).
 * @throws PortError `Rejected` for a definition that flagd would not take: it would then drop every flag of the file.
 */
export function createFlagdFile({ tenantField, versionField, ...options }: FlagdFileOptions): FlagsPort {
  const fields = { tenantField, versionField };
  const rejected = (flag: string, why: string) => new PortError('Rejected', `${options.path}: flag ${flag} ${why}`);

  const definitionOf = (flag: string, found: Json): FlagdDefinition => {
    const parsed = parseDefinition(found);
    if (parsed.definition !== undefined) return parsed.definition;
    throw rejected(flag, `is no definition of flagd (${parsed.fault}). Mend it by hand.`);
  };

  const switchOf = (flag: string, definition: FlagdDefinition) => {
    const variants = booleanVariants(definition);
    if (variants !== undefined) return variants;
    const names = Object.keys(definition.variants).join(', ');
    const why = 'is no switch: it has not one variant that is true and one that is false';
    throw rejected(flag, `${why}. Name the variant that everybody gets (${names}), or write a whole definition.`);
  };

  const foretell = (flag: string, { found, value }: FlagWish): Json => {
    const start = () => (found === undefined ? newSwitch : definitionOf(flag, found));
    const limited = parseLimit(value);
    if (limited?.limit !== undefined) {
      const { on, off } = switchOf(flag, start());
      const targeting = targetingOf(limited.limit, { on, off, fields });
      return asJson({ ...start(), state: 'ENABLED', defaultVariant: off, targeting });
    }
    if (typeof value === 'boolean') {
      const { on, off } = switchOf(flag, start());
      return sameForAll(start(), value ? on : off);
    }
    if (typeof value === 'string') {
      const { variants } = start();
      if (Object.hasOwn(variants, value)) return sameForAll(start(), value);
      throw rejected(flag, `has no variant ${value}, only ${Object.keys(variants).join(', ')}.`);
    }
    const wanted = limited ?? parseDefinition(value);
    if ('definition' in wanted && wanted.definition !== undefined) return asJson(wanted.definition);
    const next = 'Write true, false, the name of a variant, percent and tenants, or a whole definition';
    throw rejected(flag, `cannot become ${JSON.stringify(value).slice(0, 100)} (${wanted.fault}). ${next}.`);
  };

  return createFlagsInFile({ check: definitionOf, foretell }, options);
}

const newSwitch: FlagdDefinition = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' };

type Targets = { readonly on: string; readonly off: string; readonly fields: LimitFields };

/** A user's place is a hash of flag and `targetingKey`, so a greater percentage only adds users. */
function targetingOf(limit: FlagLimit, { on, off, fields }: Targets): Json {
  const { percent } = limit;
  const [first = true, ...others] = conditionsOf(limit, fields).map(({ field, values }): Json => ({
    in: [{ var: field }, values],
  }));
  const isMeant: Json = others.length === 0 ? first : { and: [first, ...others] };
  const buckets: Json = [
    [on, percent ?? 100],
    [off, 100 - (percent ?? 100)],
  ];
  return { if: [isMeant, percent === undefined ? on : { fractional: buckets }, off] };
}
