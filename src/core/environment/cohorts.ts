import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { didYouMean } from '../descriptor/suggest';
import { outlineSchema } from './outline';

const values = z.array(z.unknown()).catch([]);
const outline = z
  .looseObject({
    attributes: z.record(z.string(), z.looseObject({ values }).catch({ values: [] })).catch({}),
    named: z.record(z.string(), z.record(z.string(), values).catch({})).catch({}),
  })
  .optional()
  .catch(undefined);

type Cohorts = NonNullable<z.infer<typeof outline>>;

/** Every cohort names one attribute that is described, and values that it has. */
export function checkCohorts(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([target, { cohorts }]) => {
    const known = outline.parse(cohorts);
    if (known === undefined) return [];
    return Object.entries(known.named).flatMap(([cohort, members]) => {
      const path = ['targets', target, 'cohorts', 'named', cohort];
      const attributes = Object.keys(members);
      if (attributes.length !== 1)
        return [
          {
            code: 'cohort-mixed',
            path,
            message: `it names ${attributes.length === 0 ? 'no attribute' : attributes.join(' and ')}, and a cohort goes by exactly one: else a user could be inside by one and outside by the other`,
            fix: 'write one attribute, such as `{ tenant: [acme] }`',
          },
        ];
      return attributes.flatMap((attribute) => findingsOf(known, attribute, members[attribute] ?? [], path));
    });
  });
}

function findingsOf(
  { attributes }: Cohorts,
  attribute: string,
  members: readonly unknown[],
  path: readonly string[],
): readonly Finding[] {
  const described = Object.keys(attributes);
  if (!Object.hasOwn(attributes, attribute)) {
    const message = `there is no attribute ${JSON.stringify(attribute)} under attributes`;
    return [{ code: 'attribute-unknown', path: [...path, attribute], message, fix: didYouMean(attribute, described) }];
  }
  const all = (attributes[attribute]?.values ?? []).filter((each) => typeof each === 'string');
  return members.flatMap((member, index): readonly Finding[] => {
    if (typeof member !== 'string') return [];
    const at = [...path, attribute, index];
    if (members.indexOf(member) < index)
      return [
        {
          code: 'member-twice',
          path: at,
          message: `${JSON.stringify(member)} stands there twice`,
          fix: 'write it once',
        },
      ];
    if (all.includes(member)) return [];
    const message = `there is no ${attribute} ${JSON.stringify(member)} among its values`;
    return [{ code: 'member-unknown', path: at, message, fix: fixOf(member, all) }];
  });
}

const mostWords = 300;

/** Thousands of tenants are no hint. */
function fixOf(member: string, all: readonly string[]): string {
  const hint = didYouMean(member, all);
  return hint.length <= mostWords ? hint : 'add it to the values of the attribute, or take it out here';
}
