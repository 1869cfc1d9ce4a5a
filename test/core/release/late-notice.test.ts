import { isLateNotice, newestAttempt } from '../../../src/core/release/late-notice';

const exposures = [{ id: 'expose-5' }, { id: 'expose-25' }, { id: 'expose-99' }];
const stagesOf = (...states: ('waiting' | 'running' | 'done')[]) => ({
  stages: ['expose-5', 'gate-full', 'expose-25', 'expose-99'].map((id, index) => ({
    id,
    state: states[index] ?? 'waiting',
  })),
});

describe('a notice of a watch', () => {
  it.each([
    ['of the present stage counts', { attempt: 2, stageId: 'expose-25' }, stagesOf('done', 'done', 'running'), false],
    [
      'of a stage that a later one followed is late',
      { attempt: 2, stageId: 'expose-5' },
      stagesOf('done', 'done', 'running'),
      true,
    ],
    [
      'of the last exposure counts while a gate waits',
      { attempt: 2, stageId: 'expose-5' },
      stagesOf('done', 'running'),
      false,
    ],
    [
      'of an attempt that was replaced is late',
      { attempt: 1, stageId: 'expose-25' },
      stagesOf('done', 'done', 'running'),
      true,
    ],
    [
      'of an older worker, which tells no attempt, is late too',
      { stageId: 'expose-25' },
      stagesOf('done', 'done', 'running'),
      true,
    ],
    ['of a newer attempt counts', { attempt: 3, stageId: 'expose-25' }, stagesOf('done', 'done', 'running'), false],
    ['before any exposure counts', { attempt: 2, stageId: 'expose-5' }, stagesOf(), false],
  ])('%s', (_what, notice, state, isLate) => {
    expect(isLateNotice(notice, 2, state, exposures)).toBe(isLate);
  });

  it('with no number as its attempt changes nothing about who is heard', () => {
    const forged = { attempt: 'x' as unknown as number, stageId: 'expose-5' };
    expect(newestAttempt(forged, 2)).toBe(2);
    expect(newestAttempt({ attempt: Infinity, stageId: 'expose-5' }, 2)).toBe(2);
    expect(newestAttempt({ attempt: 4, stageId: 'expose-5' }, 2)).toBe(4);
  });
});
