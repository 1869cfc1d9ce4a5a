import { followBaseline, silenceOf, type BaselineLook, type BaselineMemory } from '../../../src/core/analysis/baseline';

const startMs = 1_800_000_000_000;
const calm: BaselineLook = {
  atMs: startMs,
  good: 1_000,
  bad: 10,
  canaryGood: 300,
  sessions: 0,
  isDown: false,
  percent: 75,
};
const later = (afterMs: number, change: Partial<BaselineLook> = {}): BaselineLook => ({
  ...calm,
  atMs: startMs + afterMs,
  ...change,
});

function after(looks: readonly BaselineLook[]): string | undefined {
  let memory: BaselineMemory | undefined;
  for (const look of looks) memory = followBaseline(memory, look);
  const last = looks.at(-1);
  return memory === undefined || last === undefined ? undefined : silenceOf(memory, last);
}
const busy = { sessions: 4 };

it.each<[string, readonly BaselineLook[], RegExp | undefined]>([
  ['says nothing at the first look', [later(0, { bad: 9_000 })], undefined],
  ['takes ten failures in a row for silence', [calm, later(600, { bad: 20 })], /all of its last 10 requests failed/],
  ['waits half a second, in which it may restart', [calm, later(400, { bad: 90 })], undefined],
  ['takes a few failures in a row of a small holdback for silence', [calm, later(3_000, { bad: 15 })], /last 5/],
  ['does not take four for it', [calm, later(60_000, { bad: 14 })], undefined],
  [
    'begins anew with every good answer',
    [calm, later(600, { bad: 200 }), later(700, { good: 1_001, bad: 205 })],
    undefined,
  ],
  ['does not mind that nobody comes', [calm, later(600_000)], undefined],
  [
    'takes requests it never answers for silence, when the canary answers',
    [later(0, busy), later(5_000, { ...busy, canaryGood: 310 })],
    /works on 4 requests and has answered none for 5 s/,
  ],
  [
    'does not while the canary answers as little',
    [later(0, busy), later(60_000, { ...busy, canaryGood: 301 })],
    undefined,
  ],
  [
    'does not when it was idle in between',
    [later(0, busy), later(1_000), later(9_000, { ...busy, canaryGood: 900 })],
    undefined,
  ],
  [
    'believes the health checks of the proxy',
    [later(0, { isDown: true }), later(500, { isDown: true })],
    /find it down/,
  ],
  ['not at the first look', [calm, later(50, { isDown: true })], undefined],
  [
    'and believes them again when it is up',
    [later(0, { isDown: true }), later(900, { isDown: true }), later(950)],
    undefined,
  ],
  [
    'asks nothing of a baseline that is out of service',
    [calm, later(9_000, { percent: 0, isDown: true, bad: 90 })],
    undefined,
  ],
  [
    'counts anew when another process reads the proxy',
    [calm, later(9_000, { good: 0, bad: 0, canaryGood: 0 })],
    undefined,
  ],
])('%s', (_fact, looks, expected) => {
  const silence = after(looks);
  if (expected === undefined) expect(silence).toBeUndefined();
  else expect(silence).toMatch(expected);
});
