import type { Change } from './change';
import { agree, backOf, forwardOf, hasChanged, isFilled, isWritten, refIn } from './forms';
import { inComment, objectName, quoteName, quoteTable, quoteText } from './names';

const baseOf = ({ id, table }: Change): string => `${table.name}_${id.replaceAll('-', '_')}`;

/** The objects that keep both forms in step; the triggers sort last, so that they see what other triggers left. */
export const syncNames = (change: Change) => ({
  function: objectName('', baseOf(change), '_sync'),
  insert: objectName('zz_', baseOf(change), '_insert'),
  update: objectName('zz_', baseOf(change), '_update'),
  filled: objectName('', baseOf(change), '_filled'),
});

export const syncFunction = (change: Change): string =>
  `${quoteName(change.table.schema)}.${quoteName(syncNames(change).function)}`;

/** A dollar quote that the text does not hold. */
function quoteBody(body: string): string {
  let tag = '$sync$';
  for (let number = 1; body.includes(tag); number += 1) tag = `$sync${number}$`;
  return `${tag}\n${body}\n${tag}`;
}

function bodyOf(change: Change): string {
  const ref = refIn('new.');
  const toNew = (indent: string) =>
    change.fresh.map((column) => `${indent}${ref(column.name)} := ${forwardOf(change, column, 'new.')};`).join('\n');
  const toOld = (indent: string) => `${indent}${ref(change.old.name)} := ${backOf(change, 'new.')};`;
  const rest = change.fresh.map((column) => {
    const name = ref(column.name);
    return `      ${name} := coalesce(${name}, ${forwardOf(change, column, 'old.')});`;
  });
  const completed =
    rest.length === 1
      ? ''
      : `    if not (${isFilled(change, 'old.')}) then
      -- The backfill has not reached the row: what the statement leaves out comes from the old form.
${rest.join('\n')}
    end if;
`;
  return `begin
  if tg_op = 'INSERT' then
    -- Only the new version fills the new form; what stands in the old one then may be no more than its default.
    if ${isWritten(change, 'new.')} then
${toOld('      ')}
    else
${toNew('      ')}
    end if;
  -- Whoever changes the new form knows it, so it wins over an old form that is written in the same statement.
  elsif ${hasChanged(change.fresh)} then
${completed}${toOld('    ')}
  elsif ${hasChanged([change.old])}
    -- A touched row that the backfill has not reached is filled on the way.
    or not (${isFilled(change, 'new.')}) then
${toNew('    ')}
  end if;
  return new;
end`;
}

/** The function and its two triggers: whichever form a statement writes, the other one follows in the same row. */
export function syncTrigger(change: Change): string {
  const names = syncNames(change);
  const table = quoteTable(change.table);
  const trigger = (event: 'insert' | 'update'): string => `create trigger ${quoteName(names[event])}
before ${event} on ${table}
for each row when (not (
  ${agree(change, 'new.')}
))
execute function ${syncFunction(change)}();`;
  return `-- Called only for a row whose two forms disagree (see the triggers), so a backfilled row costs one comparison.
-- The search path is fixed: no caller's function or operator can take the place of PostgreSQL's.
create function ${syncFunction(change)}() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as ${quoteBody(bodyOf(change))};

${trigger('insert')}

${trigger('update')}

-- Also for rows that replication applies: where both forms arrive they agree, and nothing is called.
alter table ${table}
  enable always trigger ${quoteName(names.insert)},
  enable always trigger ${quoteName(names.update)};

comment on function ${syncFunction(change)}() is
  ${quoteText(`Migration ${change.id}: ${inComment(change.title)}`)};`;
}
