/** What the canary's share of bad events may be at most. Shares are 0 to 1. */
export type Limit =
  | { readonly kind: 'absolute'; readonly share: number }
  | { readonly kind: 'margin'; readonly share: number }
  | { readonly kind: 'factor'; readonly factor: number };

const shape = /^(?:(\d+(?:\.\d+)?)%|baseline \+ (\d+(?:\.\d+)?)%|baseline \* (\d+(?:\.\d+)?))$/;

/** The limit a text such as `baseline + 0.5%` states, or undefined when it states none. */
export function parseLimit(text: string): Limit | undefined {
  const [, absolute, margin, factor] = shape.exec(text) ?? [];
  if (absolute !== undefined) return { kind: 'absolute', share: Number(absolute) / 100 };
  if (margin !== undefined) return { kind: 'margin', share: Number(margin) / 100 };
  if (factor !== undefined && Number(factor) >= 1) return { kind: 'factor', factor: Number(factor) };
  return undefined;
}
