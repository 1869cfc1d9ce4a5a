type Range = { readonly least: number; readonly most?: number };

/** A count from the command line. @throws Error in plain words. */
export function readCount(name: string, text: string, { least, most = Infinity }: Range): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} is a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}`);
}

/** The measures that `--only` names, in their own order; all when it is left out. @throws Error for one nobody knows. */
export function readOnly(text: string | undefined, known: readonly string[]): readonly string[] {
  const named = text?.split(',').map((name) => name.trim()) ?? known;
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only does not know ${unknown}; it knows ${known.join(', ')}`);
  return known.filter((name) => named.includes(name));
}
