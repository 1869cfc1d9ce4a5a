/** A name as SQL writes it: plain, or in double quotes. */
const sqlName = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)';

const beforeStatement = /^(?:\s+|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*/;
const statement = new RegExp(
  `^create\\s+(?:unique\\s+)?index\\s+concurrently\\s+(?!if\\s+not\\s+exists\\b)(${sqlName})\\s+on\\s+(?:only\\s+)?(?:(${sqlName})\\s*\\.\\s*)?(${sqlName})`,
  'i',
);

/** The index that a file builds; names as the file writes them, quotes included. */
export type IndexStatement = { readonly index: string; readonly table: string };

/** Reads `create [unique] index concurrently NAME on [SCHEMA.]TABLE …`; undefined for anything else. */
export function readIndexStatement(sql: string): IndexStatement | undefined {
  const [, name, schema, table] = statement.exec(sql.replace(beforeStatement, '')) ?? [];
  if (name === undefined || table === undefined || name.toLowerCase() === 'on') return undefined;
  // An index lives in the schema of its table, and its name is never qualified where it is created.
  const within = schema === undefined ? '' : `${schema}.`;
  return { index: `${within}${name}`, table: `${within}${table}` };
}
