import type { Finding } from '../issue';
import { describedParts as parts } from '../../plan/effects';
import type { Outline } from '../outline';

/** A migration does something. */
export function checkParts({ migrations }: Outline): readonly Finding[] {
  return migrations.flatMap((migration, index) =>
    migration.id === undefined || migration.indexes.length > 0 || parts.some((part) => Object.hasOwn(migration, part))
      ? []
      : [
          {
            code: 'migration-empty',
            path: ['migrations', index],
            message: `migration ${JSON.stringify(migration.id)} has no part, so it would change nothing`,
            fix: 'give it expand, backfill, indexes, switch or contract',
          },
        ],
  );
}

/** Each part says how it is taken back, or on purpose that it is not. */
export function checkUndo({ migrations }: Outline): readonly Finding[] {
  return migrations.flatMap((migration, index) =>
    parts.flatMap((part) => {
      const undo = migration[part]?.undo;
      if (migration[part] === undefined) return [];
      if (undo === undefined || undo === null) return [missingUndo(index, part)];
      if (part === 'contract' && typeof undo === 'string') return [contractUndo(index)];
      return (part === 'expand' || part === 'switch') && typeof undo === 'object' ? [skippedUndo(index, part)] : [];
    }),
  );
}

function missingUndo(index: number, part: (typeof parts)[number]): Finding {
  const path = ['migrations', index, part, 'undo'];
  if (part === 'contract') {
    return {
      code: 'undo-missing',
      path,
      message: 'contract goes forward only, and nobody has said what makes that acceptable',
      fix: 'add `undo: { skip: why that is acceptable }`',
    };
  }
  const orSkip = part === 'backfill' ? ', or `undo: { skip: why nothing has to be undone }`' : '';
  return {
    code: 'undo-missing',
    path,
    message: 'without an undo Spillway could not take it back',
    fix: `add \`undo: FILE.sql\`${orSkip}`,
  };
}

const skipped = { expand: { code: 'expand-undo-skipped' }, switch: { code: 'switch-undo-skipped' } } as const;

function skippedUndo(index: number, part: keyof typeof skipped): Finding {
  return {
    ...skipped[part],
    path: ['migrations', index, part, 'undo'],
    message: `${part} is taken back whenever a release is rolled back, so its undo cannot be skipped`,
    fix: 'write `undo: FILE.sql`',
  };
}

function contractUndo(index: number): Finding {
  return {
    code: 'contract-undo-file',
    path: ['migrations', index, 'contract', 'undo'],
    message: 'contract goes forward only, so SQL that undoes it would never run',
    fix: 'write `undo: { skip: why that is acceptable }`',
  };
}
