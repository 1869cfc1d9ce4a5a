/**
 * Which metrics to blame: the e-BH procedure (Wang and Ramdas 2022). `evidence` is ln E a metric. The share of wrongly blamed
 * metrics is at most α on average, whatever the metrics have to do with one another.
 */
export function blame(evidence: { readonly [metric: string]: number }, alpha: number): readonly string[] {
  const sorted = Object.entries(evidence).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  let named = 0;
  sorted.forEach(([, log], i) => {
    if (log >= Math.log(sorted.length / (alpha * (i + 1)))) named = i + 1;
  });
  return sorted.slice(0, named).map(([metric]) => metric);
}
