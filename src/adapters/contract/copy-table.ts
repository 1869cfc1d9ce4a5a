import { escapeLiteral } from 'pg';
import type { Session } from '../postgres/session';
import type { Copy, Source } from './keep-copy';
import { qualified } from './removed';
import { readTableDefinition } from './table-definition';

/** A copy of a whole table; what guards its rows comes back with them. */
export async function copyTable(session: Session, { at, of }: Source, kept: string): Promise<Copy> {
  // Definitions name other schemas only where those are not on the path.
  await session.query("select set_config('search_path', 'pg_catalog', true)");
  const definition = await readTableDefinition(session, at);
  await session.query('reset search_path');
  const from = qualified(at.schema, at.table);
  const columns = definition.columns.join(', ');
  const asText = (table: string): string => `select row(o.*)::text as r from ${table} o`;
  return {
    key: [],
    take: `create table ${kept} as select * from ${from}`,
    original: asText(from),
    prepare: () => [],
    restore: (on) => [
      definition.create(on),
      `insert into ${on} (${columns}) overriding system value select ${columns} from ${kept}`,
      ...(on === qualified(of.schema, of.table) ? [] : definition.rules(on)),
    ],
    rest: [
      ...definition.rest,
      ...definition.counters.map((counter) => {
        const [on, column] = [escapeLiteral(qualified(of.schema, of.table)), escapeLiteral(counter)];
        return `select setval(pg_get_serial_sequence(${on}, ${column}), coalesce(max("${counter.replaceAll('"', '""')}"), 0) + 1, false) from ${qualified(of.schema, of.table)}`;
      }),
    ],
    restored: asText,
  };
}
