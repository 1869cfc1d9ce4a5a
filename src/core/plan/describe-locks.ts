import { wrapText } from '../plain-text';
import type { FileLocks } from './compile-sql';
import type { Plan } from './plan';
import type { StatementLocks } from './sql-report';

/** Each statement of the migrations with the locks it takes and who waits for them; at most 100 columns. */
export function describeLocks({ locks = [] }: Plan): readonly string[] {
  return locks.flatMap((file) => [
    ...wrapText(`  ${nameOf(file)}`, '    '),
    ...file.statements.flatMap(statementLines),
    ...(file.more === undefined ? [] : wrapText(`    and ${file.more} more statements`, '      ')),
  ]);
}

const nameOf = ({ effect, role, path }: FileLocks): string =>
  `${effect.replace(/^migrate\//, '')}${role === 'undo' ? ', undo' : ''}: ${path}`;

const statementLines = ({ line, statement, locks }: StatementLocks): readonly string[] => [
  ...wrapText(`    line ${line}: ${statement}`, '      '),
  ...locks.flatMap(({ relation, mode, blocks }) => wrapText(`      ${mode} on ${relation}: ${blocks}`, '        ')),
];
