import { isQuiet, momentCases } from '../../../test/faults/moments';
import type { Played } from '../../../test/faults/play';
import { runCases } from '../../../test/faults/run';
import { widenWorld } from '../../../test/faults/widen-world';
import type { DataOptions, Found, Measure } from '../measure';

/** For so many random moments there is one case at a point of an activity. */
const momentsPerPoint = 4;
/** Nothing is frozen here; it only bounds how long an answer may take. */
const freezeMs = 4_000;

const brokenOf = (played: readonly Played[]): number => played.filter(({ broken }) => broken.length > 0).length;

/** What was under way when something was killed, most often first. */
function hitsOf(played: readonly Played[]): string {
  const counts = new Map<string, number>();
  for (const what of played.flatMap(({ hit = [] }) => hit)) {
    const name = what === 'a wait' ? what : (what.split(' ')[0] ?? what);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

const secondsOf = (played: readonly Played[]): string =>
  `${(played.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000 / Math.max(1, played.length)).toFixed(1)} s`;

/** Worker or database die in a type change, on its way forward, in contract and back; a checker reads the real systems after each. */
async function measure({ seed, runs, cases, say }: DataOptions): Promise<Found> {
  const known = momentCases(seed, { points: Math.ceil(runs / momentsPerPoint), moments: runs });
  const chosen =
    cases.length === 0 ? known : momentCases(seed, { points: Infinity, moments: Math.max(runs, ...cases) });
  const asked = chosen.filter((fault) => cases.length === 0 || cases.includes(fault.number));
  const endings = asked.map(({ ending }) => ending);
  const faults = chosen.filter((fault) => asked.includes(fault) || (isQuiet(fault) && endings.includes(fault.ending)));
  const played = await runCases(faults, { world: widenWorld, fsync: true, lanes: 1, freezeMs, say });
  const moments = played.filter(({ fault }) => fault.kind === 'moment' && !isQuiet(fault));
  const points = played.filter(({ fault }) => fault.kind === 'kill');
  const byWay = (['forward', 'contract', 'backward'] as const).map((way) => {
    const of = moments.filter(({ fault }) => fault.strikes?.[0]?.way === way);
    const database = of.filter(({ fault }) => fault.strikes?.[0]?.victim === 'database').length;
    return [
      `of them ${way}: cases, the database killed, broken`,
      `${of.length}, ${database}, ${brokenOf(of)}`,
    ] as const;
  });
  return {
    figures: {
      moments: moments.length,
      held: moments.length - brokenOf(moments),
      points: points.length,
      casesBroken: brokenOf(played),
    },
    rows: [
      ['random moments that hold every invariant', `${moments.length - brokenOf(moments)} of ${moments.length}`],
      ...byWay,
      ['under way when something was killed', hitsOf(moments)],
      ['at points of activities: cases, broken', `${points.length}, ${brokenOf(points)}`],
      ['a case takes', secondsOf(played)],
    ],
  };
}

export const kills: Measure = { name: 'kills', run: measure };
