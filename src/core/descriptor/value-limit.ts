/** How far a value of the canary may be from the baseline's: by an amount in its own unit, or by a factor. */
export type ValueLimit =
  { readonly kind: 'margin'; readonly by: number } | { readonly kind: 'factor'; readonly factor: number };

export type ValueSide = 'max' | 'min';

const shape = /^baseline ([+\-*]) (\d+(?:\.\d+)?)$/;

/**
 * The limit that a text such as `baseline * 1.2` (max) or `baseline - 0.5` (min) states; undefined when it states none, or
 * one that a value equal to the baseline's would break.
 */
export function parseValueLimit(text: string, side: ValueSide): ValueLimit | undefined {
  const [, sign, digits] = shape.exec(text) ?? [];
  const number = Number(digits);
  if (sign === undefined || !(number > 0)) return undefined;
  if (sign === '*') {
    const isBeyond = side === 'max' ? number > 1 : number < 1;
    return isBeyond ? { kind: 'factor', factor: number } : undefined;
  }
  return sign === (side === 'max' ? '+' : '-') ? { kind: 'margin', by: number } : undefined;
}
