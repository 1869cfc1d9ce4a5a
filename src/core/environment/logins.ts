import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { outlineSchema } from './outline';

const loginsSchema = z.looseObject({ logins: z.array(z.looseObject({ role: z.string() })) });

/** The logins of a credential take turns: two that are one could not. */
export function checkLogins(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([name, target]): readonly Finding[] => {
    const { data } = loginsSchema.safeParse(target);
    const [first, second] = data?.logins ?? [];
    if (target.kind !== 'postgres-login' || first === undefined || first.role !== second?.role) return [];
    return [
      {
        code: 'logins-alike',
        path: ['targets', name, 'logins'],
        message: `both logins are ${JSON.stringify(first.role)}, and while one is in use the other one has to be free`,
        fix: 'create a second role with the same rights, and name it here',
      },
    ];
  });
}
