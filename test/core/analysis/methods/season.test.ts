import { createStreamJudge } from '../../../../src/core/analysis/judge-stream';
import { seasonEvidence, startSeason, stepSeason } from '../../../../src/core/analysis/methods/season';
import type { StreamTick } from '../../../../src/core/analysis/stream';
import { meta, randomStream, type World } from '../random-stream';

const sameHour = { n: 100_000, err: 200 };
/** Ticks with a control up to this one, and without from it on. */
const streamOf = (world: World, aloneFrom: number): readonly StreamTick[] =>
  randomStream(51, { errors: 0.002, ...world }).map((tick, i) =>
    i < aloneFrom ? { ...tick, sameHour } : { t: tick.t, canary: tick.canary ?? null, sameHour },
  );

const decisionsOf = (ticks: readonly StreamTick[]) => {
  const judge = createStreamJudge(meta);
  return ticks.map((tick) => judge.step(tick));
};
const saysSeason = (ticks: readonly StreamTick[]): boolean =>
  decisionsOf(ticks).some(({ reason }) => reason.includes('same hour of the week'));

describe('the same hour of the week', () => {
  it('holds a canary without any control that has more errors, and rolls back nothing', () => {
    const decisions = decisionsOf(streamOf({ canaryErrors: 0.03 }, 0));
    expect(new Set(decisions.map(({ action }) => action))).toEqual(new Set(['hold']));
    expect(decisions.at(-1)).toMatchObject({ action: 'hold', why: 'suspected', culprits: [] });
    expect(decisions.at(-1)?.reason).toContain('same hour of the week');
  });

  it.each([1, 1.4])('says nothing of %s times its errors, and still advances nothing', (times) => {
    const ticks = streamOf({ canaryErrors: 0.002 * times }, 0);
    expect(saysSeason(ticks)).toBe(false);
    expect(decisionsOf(ticks).at(-1)).toMatchObject({ action: 'hold', why: 'no-data' });
  });

  it('is not asked while there is a control', () => {
    const week = { n: 100_000, err: 0 };
    const ticks = randomStream(52, { errors: 0.02, canaryErrors: 0.02 }).map((tick) => ({ ...tick, sameHour: week }));
    expect(saysSeason(ticks)).toBe(false);
  });

  it('is raised by how much worse today is than the same hours were', () => {
    const tick = { canary: { n: 300, err: 9 }, sameHour };
    const time = (i: number) => ({ atS: 15 * (i + 1), lengthS: 15 });
    const rule = { dispersion: 1.4, plannedS: 3_600 };
    const alone = (after: { readonly n: number; readonly err: number } | undefined): number => {
      let state = startSeason();
      for (let i = 0; i < 20; i += 1) state = stepSeason(state, { ...tick, control: after }, time(i), rule);
      for (let i = 20; i < 40; i += 1) state = stepSeason(state, { ...tick, control: undefined }, time(i), rule);
      return seasonEvidence(state);
    };
    expect(alone(undefined)).toBeGreaterThan(10);
    expect(alone({ n: 3_000, err: 90 })).toBeLessThan(0);
  });

  it('forgets what it suspected once a control is back', () => {
    const harm = streamOf({ canaryErrors: 0.03 }, 0).slice(0, 30);
    const back = randomStream(53, { errors: 0.002 }).slice(30);
    const decisions = decisionsOf([...harm, ...back.map((tick) => ({ ...tick, sameHour }))]);
    expect(decisions[29]?.reason).toContain('same hour of the week');
    expect(decisions.at(-1)?.reason).not.toContain('same hour of the week');
  });

  it.each([null, { n: 0, err: 0 }, { n: NaN, err: 1 }, { n: 5, err: 9 }])('is nothing where it is %j', (nothing) => {
    const ticks = streamOf({ canaryErrors: 0.5 }, 0).map((tick) => ({ ...tick, sameHour: nothing }));
    expect(saysSeason(ticks)).toBe(false);
    expect(decisionsOf(ticks).at(-1)).toMatchObject({ action: 'hold', why: 'no-data' });
  });
});
