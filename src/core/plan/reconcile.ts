import { ownMark } from '../contract/own-mark';
import { sha256Hex } from '../canonical';
import type { SqlFile } from './effects';

/** Two forms of the same data that must say the same in every row, while both live. */
export type ReconcileRule = {
  /** `<migration>/<id>`, unique in the plan. */
  readonly id: string;
  readonly migration: string;
  readonly target: string;
  /** As the database names it, e.g. `public.orders`. */
  readonly table: string;
  readonly key: string;
  /** SQL expressions over one row of the table. */
  readonly old: string;
  readonly new: string;
};

/** What the SQL that compares two forms is made of. */
type ComparedForms = Pick<ReconcileRule, 'id' | 'table' | 'key' | 'old' | 'new'>;

/** A name with its schema, quoted part by part: `public.orders` → `"public"."orders"`; no part holds a dot itself. */
export const quoteDotted = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/** Rows of key and both forms, as text: whatever their types, they are compared by what they say. */
// The line breaks end a comment at the end of an expression.
export const formsSql = ({ table, key, old, new: fresh }: ComparedForms): string =>
  `select ${ownMark} ${quoteDotted(key)}::text as key, (${old}\n)::text as old_form, (${fresh}\n)::text as new_form from ${quoteDotted(table)}`;

/** The rows whose new form says what the old one does not: an undo that takes the new form away would lose it. */
export function lossesOf(rule: ComparedForms): SqlFile {
  const sql = `select key, old_form, new_form from (${formsSql(rule)}) forms where new_form is not null and old_form is distinct from new_form`;
  return { path: `reconcile ${rule.id}`, sql, sha256: sha256Hex(sql) };
}
