import {
  answerToWriter,
  isSecondController,
  noteOtherWrite,
  sentenceOfWriter,
  type OtherWriter,
} from '../../../src/core/drift/other-writer';

/** Changes at these moments, each set again after 100 ms. */
const changedAt = (...moments: readonly number[]): OtherWriter | undefined =>
  moments.reduce<OtherWriter | undefined>(
    (known, atMs) => ({ ...noteOtherWrite(known, 'green 40 %', atMs), restoredAtMs: atMs + 100 }),
    undefined,
  );

it.each<[string, readonly number[], number, boolean]>([
  ['one change is a slip', [0], 1, false],
  ['two are slips', [0, 5_000], 2, false],
  ['three are a second controller, however far apart', [0, 5_000, 9_000_000], 3, true],
  ['what is heard right behind a repair is what was repaired', [0, 300, 5_000, 5_500], 2, false],
])('%s', (_fact, moments, count, isOne) => {
  const writer = changedAt(...moments);
  expect([writer?.count, isSecondController(writer)]).toEqual([count, isOne]);
});

const counted = (count: number): OtherWriter => ({ count, observed: 'green 40 %' });

it.each<[string, number, number, 'roll-back' | 'tell' | undefined, ReturnType<typeof answerToWriter>]>([
  ['a slip is told', 2, 1, 'roll-back', 'tell-change'],
  ['what is heard again of a slip is no news', 2, 2, 'roll-back', 'quiet'],
  ['the third change turns the release back', 3, 2, 'roll-back', 'roll-back'],
  ['where policy says tell it is told', 3, 2, 'tell', 'tell-controller'],
  ['and told once', 4, 3, 'tell', 'quiet'],
  ['what is heard again of the third change is no news', 3, 3, 'tell', 'quiet'],
  ['without a rule each is told, as by older workers', 9, 8, undefined, 'tell-change'],
])('%s', (_fact, count, before, rule, answer) => {
  expect(answerToWriter(counted(count), counted(before), rule)).toBe(answer);
});

it('says where, what was found and wanted, what happens and what to do', () => {
  const place = { target: 'edge', wanted: '25 % on green' };
  expect(sentenceOfWriter(counted(3), { ...place, rule: 'roll-back' })).toMatch(
    /^A second controller writes the split at edge: 3 times in this stage .*found green 40 %, wanted 25 % on green\); so the approved share cannot be held and the release turns back.* Find what writes there/,
  );
  expect(sentenceOfWriter(counted(3), { ...place, rule: 'tell' })).toMatch(/it is set again each time, .* abort where/);
});
