import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { shownText } from '../descriptor/schema-words';
import { didYouMean } from '../descriptor/suggest';

const outlineSchema = z
  .looseObject({
    roles: z.record(z.string(), z.unknown()).catch({}),
    requiredGates: z
      .array(z.looseObject({ from: z.array(z.string().catch('')).catch([]) }).catch({ from: [] }))
      .catch([]),
  })
  .catch({ roles: {}, requiredGates: [] });

/** Whoever has to approve is a role that somebody can hold. */
export function checkRoles(value: unknown): readonly Finding[] {
  const { roles, requiredGates } = outlineSchema.parse(value);
  return requiredGates.flatMap(({ from }, index) =>
    from.flatMap((role, item) => {
      if (role === '' || Object.hasOwn(roles, role)) return [];
      const path = ['requiredGates', index, 'from', item];
      const message = `there is no role ${shownText(role)} under roles, so nobody could approve`;
      return [{ code: 'role-unknown', path, message, fix: didYouMean(role, Object.keys(roles)) }];
    }),
  );
}
