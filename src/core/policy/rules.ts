import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { shownText } from '../descriptor/schema-words';
import { didYouMean } from '../descriptor/suggest';

const roleNames = z.array(z.string().catch('')).catch([]);

const outlineSchema = z
  .looseObject({
    roles: z.record(z.string(), z.unknown()).catch({}),
    requiredGates: z.array(z.looseObject({ from: roleNames }).catch({ from: [] })).catch([]),
    combinations: z.looseObject({ from: roleNames }).catch({ from: [] }),
  })
  .catch({ roles: {}, requiredGates: [], combinations: { from: [] } });

/** Whoever has to approve is a role that somebody can hold. */
export function checkRoles(value: unknown): readonly Finding[] {
  const { roles, requiredGates, combinations } = outlineSchema.parse(value);
  const asked = [
    ...requiredGates.map(({ from }, index) => ({ from, at: ['requiredGates', index] })),
    { from: combinations.from, at: ['combinations'] },
  ];
  return asked.flatMap(({ from, at }) =>
    from.flatMap((role, item) => {
      if (role === '' || Object.hasOwn(roles, role)) return [];
      const path = [...at, 'from', item];
      const message = `there is no role ${shownText(role)} under roles, so nobody could approve`;
      return [{ code: 'role-unknown', path, message, fix: didYouMean(role, Object.keys(roles)) }];
    }),
  );
}
