import { setHandler } from '@temporalio/workflow';
import { tooLateToTurn } from '../core/release/admit';
import { describePreview, type UndoPreview } from '../core/release/undo-losses';
import { previewUndo } from './messages';
import type { Run } from './run';

/** Answers what an undo would lose, without turning the release; one question at a time, for each is a scan of tables. */
export function answerPreviews(run: Run): void {
  let isAsking = false;
  const ask = async (): Promise<UndoPreview> => {
    const { snapshot, journal } = run.state();
    if (snapshot === undefined) return { sentence: describePreview([]), parts: [] };
    isAsking = true;
    try {
      const intended = new Set(journal.map(({ effect }) => effect));
      const migrations = run
        .sealed()
        .effects.filter(({ effect }) => effect.kind === 'migrate' && intended.has(effect.key));
      const options = { summary: 'what an undo would lose' };
      return await run.activities.undo.weighUndo.executeWithOptions(options, [{ permit: run.permit(), migrations }]);
    } finally {
      isAsking = false;
    }
  };
  setHandler(previewUndo, ask, {
    description: 'what an undo would lose if it began now',
    validator: () => {
      const tooLate = tooLateToTurn(run.state());
      if (tooLate !== undefined) throw new Error(tooLate);
      if (isAsking) throw new Error('the question is being answered already; ask again in a moment');
    },
  });
}
