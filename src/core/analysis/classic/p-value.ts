import { normalUpperTail } from '../normal';
import { rankSum } from './ranks';

/** How likely samples of one distribution differ at least as much, in either direction, and how that was computed. */
export type PValue = { readonly value: number; readonly method: 'exact' | 'normal' };

/** Beyond so many pairs the normal approximation is as good as anybody needs. */
const mostExactPairs = 625;

/**
 * For u = 0, 1, …, mn: in how many of the orders of m + n different values the first m win u pairs. By the recursion on
 * whose value is the greatest (Mann and Whitney 1947).
 */
function countOrders(m: number, n: number): readonly number[] {
  let rows: number[][] = Array.from({ length: n + 1 }, () => [1]);
  for (let mine = 1; mine <= m; mine += 1) {
    const next: number[][] = [[1]];
    for (let others = 1; others <= n; others += 1) {
      const ifMine = rows[others] ?? [];
      const ifOther = next[others - 1] ?? [];
      next.push(Array.from({ length: mine * others + 1 }, (_, u) => (ifMine[u - others] ?? 0) + (ifOther[u] ?? 0)));
    }
    rows = next;
  }
  return rows[n] ?? [];
}

function exactPValue(u: number, m: number, n: number): number {
  const orders = countOrders(m, n);
  const whole = orders.reduce((sum, count) => sum + count, 0);
  const further = orders.slice(Math.max(u, m * n - u)).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * further) / whole);
}

/** The two-sided p of the Mann–Whitney test: exact for few values without ties, else normal, corrected for continuity and ties. */
export function pValueOf(first: readonly number[], second: readonly number[]): PValue {
  const [m, n] = [first.length, second.length];
  const { u, variance, isTied } = rankSum(first, second);
  if (!isTied && m * n <= mostExactPairs) return { value: exactPValue(u, m, n), method: 'exact' };
  if (variance === 0) return { value: 1, method: 'normal' };
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return { value: Math.min(1, 2 * normalUpperTail(distance / Math.sqrt(variance))), method: 'normal' };
}
