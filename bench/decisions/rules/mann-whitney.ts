/** Normal quantile of 99 %: the judge's confidence of 98 % has two sides. */
const critical = 2.326347874;
const tolerance = 0.25;

/** The k-th smallest (from 0) of the first `count` values, which are reordered. */
function select(values: Float64Array, count: number, k: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left += 1;
      while ((values[right] ?? 0) > pivot) right -= 1;
      if (left > right) break;
      const kept = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = kept;
      left += 1;
      right -= 1;
    }
    if (k <= right) high = right;
    else if (k >= left) low = left;
    else break;
  }
  return values[k] ?? NaN;
}

function median(values: Float64Array, count: number): number {
  if (count === 0) return NaN;
  const upper = select(values, count, count >> 1);
  if (count % 2 === 1) return upper;
  return (upper + select(values, count, (count >> 1) - 1)) / 2;
}

/** Sum over groups of equal values of t³ − t. */
function tiesOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  let sum = 0;
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
    sum += (to - from) ** 3 - (to - from);
    from = to;
  }
  return sum;
}

/** The class "High" of Kayenta's judge: the lower end of the rank test's interval for the shift exceeds a quarter of the
 * estimated shift. Points without data are left out. */
export function isHigh(experiment: Float64Array, control: Float64Array): boolean {
  const [ours, theirs] = [experiment, control].map((points) => points.filter((value) => !Number.isNaN(value)));
  if (ours === undefined || theirs === undefined) return false;
  const [m, n] = [ours.length, theirs.length];
  if (m < 2 || n < 2) return false;
  const differences = new Float64Array(m * n);
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j < n; j += 1) differences[i * n + j] = (ours[i] ?? 0) - (theirs[j] ?? 0);
  const shift = median(differences, differences.length);
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - (tiesOf(ours) + tiesOf(theirs)) / Math.max(total * (total - 1), 1));
  const zAt = (mu: number): number => {
    let rank = 0;
    for (const difference of differences) rank += difference > mu ? 1 : difference === mu ? 0.5 : 0;
    const away = rank - (m * n) / 2;
    return (away - 0.5 * Math.sign(away)) / Math.sqrt(variance);
  };
  // Tied at zero, the judge's root finder settles on the nearer side.
  if (Math.abs(shift) < 1e-3) return (zAt(1e-7) + zAt(-1e-7)) / 2 > critical;
  return zAt(tolerance * Math.abs(shift)) > critical;
}
