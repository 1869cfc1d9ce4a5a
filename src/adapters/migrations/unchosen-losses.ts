import { plural } from '../../core/plural';
import { PortError } from '../../ports/errors';
import type { UndoLosses } from '../../ports/migrations';

/**
 * Holds what an undo finds, when nobody can write any more, against what was chosen before.
 * @throws PortError `NotConverged` when it is more: the next question finds it, and puts it to a person.
 */
export function refuseUnchosen(
  found: readonly { readonly rows: number }[],
  chosen: UndoLosses['chosen'],
  where: string,
): void {
  const rows = found.reduce((all, each) => all + each.rows, 0);
  const most = chosen === undefined ? 0 : (chosen.rows ?? Infinity);
  if (rows <= most) return;
  const known = chosen === undefined ? '' : `, ${chosen.by} chose to lose ${most}`;
  throw new PortError(
    'NotConverged',
    `${where} would lose ${plural(rows, 'row')}${known}: somebody wrote them after the question; nothing was undone, it is asked again`,
  );
}
