type Fields = { readonly [field: string]: unknown };

/** The memo of a workflow holds its state field by field, so that a change writes what changed and no more. */
const prefix = 'state.';

/** Stands in the memo for a field that has to be read elsewhere: it is in the history anyway, or too long for a memo. */
const elsewhere = { history: { elsewhere: 'history' }, workflow: { elsewhere: 'workflow' } } as const;

const keptInHistory: ReadonlySet<string> = new Set(['sealed', 'snapshot']);
/** Temporal ends a workflow whose memo is longer than 2 MB. */
const mostFieldLength = 50_000;

function shownValue(field: string, value: unknown): unknown {
  // Temporal takes a field of its own accord out of a memo when it is null.
  if (value === undefined) return null;
  if (keptInHistory.has(field)) return elsewhere.history;
  return JSON.stringify(value).length > mostFieldLength ? elsewhere.workflow : value;
}

/** What the memo has to be told so that it shows `after`; states are never changed in place, so equal fields are the same. */
export function changedFields(before: object, after: object): Fields {
  const [old, now] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((field) => old.get(field) !== now.get(field));
  return Object.fromEntries(changed.map((field) => [`${prefix}${field}`, shownValue(field, now.get(field))]));
}

/** What a memo has to be told before it has shown anything of this run; it may hold what the run before it showed. */
export function firstFields(memo: Fields, state: object): Fields {
  const left = Object.keys(memo).filter((key) => key.startsWith(prefix));
  return { ...Object.fromEntries(left.map((key) => [key, null])), ...changedFields({}, state) };
}

const isElsewhere = (value: unknown, where: keyof typeof elsewhere): boolean =>
  typeof value === 'object' && value !== null && 'elsewhere' in value && value.elsewhere === where;

/** A state as a memo shows it. */
export type Shown = {
  readonly fields: Fields;
  /** Fields that are set, and are read from the history. */
  readonly inHistory: readonly string[];
  /** Fields that only the workflow itself can tell. */
  readonly inWorkflow: readonly string[];
};

/** Reads a memo; undefined when it shows no state. */
export function shownIn(memo: Fields): Shown | undefined {
  const all = Object.entries(memo).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  // Temporal gives a memo in any order.
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  if (all.length === 0) return undefined;
  const named = (where: keyof typeof elsewhere): readonly string[] =>
    all.flatMap(([field, value]) => (isElsewhere(value, where) ? [field] : []));
  const [inHistory, inWorkflow] = [named('history'), named('workflow')];
  const away = new Set([...inHistory, ...inWorkflow]);
  return { fields: Object.fromEntries(all.filter(([field]) => !away.has(field))), inHistory, inWorkflow };
}
