import type { Change } from './change';
import { inComment } from './names';
import { ChangeRefusal } from './refusal';

const isId = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Refuses a change whose two forms could not be told apart or kept together. */
export function checkChange(change: Change): Change {
  const { id, old, fresh } = change;
  if (!isId.test(id))
    throw new ChangeRefusal(
      'name-not-sql',
      `--id wants lower-case letters, digits and dashes, not ${JSON.stringify(id)}.`,
    );
  const names = [old.name, ...fresh.map(({ name }) => name)];
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw new ChangeRefusal(
      'column-twice',
      `Column ${inComment(twice)} is named twice; both forms live side by side, so each needs a name of its own.`,
    );
  // Null in every new column must mean "not filled yet", and for a required old value it could also be the new value.
  if (old.isRequired && fresh.every(({ isRequired }) => !isRequired))
    throw new ChangeRefusal(
      'filled-unknown',
      `Column ${inComment(old.name)} is not null, and every new column may be null: a row that the new version wrote could not be told from one that is not filled yet. Make one new column not null.`,
    );
  return change;
}
