const units: { readonly [unit: string]: number } = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of a text such as `10GB` that a schema has already accepted. */
export function sizeBytes(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6}) ?(MB|GB|TB)$/.exec(text) ?? [];
  const factor = units[unit];
  if (amount === undefined || factor === undefined) throw new Error(`not a size: ${text}`);
  return Number(amount) * factor;
}
