import { formatDuration } from '../duration';

/** Something in the schema that depends on the old form, e.g. `view`, `public.order_names`. */
export type Dependent = { readonly kind: string; readonly name: string };

/** A statement that read or wrote the old form since the look began; its text has no literals. */
export type Reader = {
  readonly role: string;
  /** Which slot the role belongs to, where the environment says so. */
  readonly slot?: string;
  readonly digest: string;
  readonly text: string;
  /** Calls since the look began. */
  readonly calls: number;
  /** ISO 8601, by the clock of the database, as exact as the looks are frequent. */
  readonly lastSeenAt: string;
};

/** What one look at a database found about one contract part. */
export type QuietReport = {
  /** What the part removes, e.g. `public.orders.customer`; nothing: there is nobody to wait for. */
  readonly removes: readonly string[];
  readonly dependents: readonly Dependent[];
  readonly readers: readonly Reader[];
  /** Since when nobody was seen, by the clock of the database; undefined where no statement can be seen. */
  readonly quietMs?: number;
  /** Why some statements, or all, cannot be seen, and what to do. */
  readonly blind?: string;
  /** Why the time began anew though nobody was seen. */
  readonly lost?: string;
  /** Of a login: when it was looked at, how many statements it had run by then, and when it was last seen in use. */
  readonly watch?: {
    readonly atMs: number;
    readonly calls?: number;
    readonly epoch?: string;
    readonly usedAtMs: number;
  };
  /** How many more there are than the report lists. */
  readonly unlisted: number;
};

export type QuietVerdict =
  { readonly isQuiet: true } | { readonly isQuiet: false; readonly why: string; readonly againInMs: number };

const shortestWaitMs = 500;

const nameReader = ({ role, slot, digest, text, calls }: Reader): string =>
  `${role}${slot === undefined ? '' : ` (${slot})`} called ${calls} times \`${text}\` (${digest})`;

const nameFew = (names: readonly string[], unlisted: number): string => {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length + unlisted;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
};

/** Whether nothing needs the old form any more; a waiver stands for what statements say, never for what depends on it. */
export function judgeQuiet(
  report: QuietReport,
  { quietMs, checkEveryMs }: { readonly quietMs: number; readonly checkEveryMs: number },
  isWaived: boolean,
): QuietVerdict {
  const { removes, dependents, readers, blind, lost, unlisted } = report;
  if (removes.length === 0) return { isQuiet: true };
  if (dependents.length > 0) {
    const names = dependents.map(({ kind, name }) => `${kind} ${name}`);
    return { isQuiet: false, why: `it is needed by ${nameFew(names, unlisted)}`, againInMs: checkEveryMs };
  }
  if (quietMs === 0 || isWaived) return { isQuiet: true };
  const seen = (measuredMs: number): string => {
    const who = readers.length === 0 ? '' : `, last ${nameFew(readers.map(nameReader), unlisted)}`;
    return `it has been quiet for ${formatDuration(measuredMs)} of ${formatDuration(quietMs)}${who}${lost === undefined ? '' : `; ${lost}`}`;
  };
  if (blind !== undefined) {
    const why = report.quietMs === undefined ? blind : `${blind}; of what can be seen, ${seen(report.quietMs)}`;
    return { isQuiet: false, why, againInMs: checkEveryMs };
  }
  const leftMs = quietMs - (report.quietMs ?? 0);
  if (leftMs <= 0) return { isQuiet: true };
  const againInMs = Math.min(checkEveryMs, Math.max(shortestWaitMs, leftMs));
  return { isQuiet: false, why: seen(report.quietMs ?? 0), againInMs };
}
