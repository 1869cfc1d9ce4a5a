const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const shape = /^(\d{1,9})(ms|s|m|h|d)$/;

const isUnit = (text: string): text is keyof typeof units => text in units;

/** Milliseconds of a text such as `90s` or `14d`, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = shape.exec(text) ?? [];
  return amount !== undefined && unit !== undefined && isUnit(unit) ? Number(amount) * units[unit] : undefined;
}

/** Milliseconds of a text that a schema has already accepted. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`not a duration: ${text}`);
  return ms;
}

/** A duration with its unit, as people read it: `90s`, `2m 5s`, `350ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))}s`;
  const parts = [
    [Math.floor(ms / units.d), 'd'],
    [Math.floor(ms / units.h) % 24, 'h'],
    [Math.floor(ms / units.m) % 60, 'm'],
    [Math.floor(ms / units.s) % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .slice(0, 2)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
