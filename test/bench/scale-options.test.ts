import { countActions } from '../../bench/scale/actions';
import { readOptions } from '../../bench/scale/options';

describe('options of the scale benchmark', () => {
  it('sort the numbers of exposed releases, and have the bars as defaults', () => {
    expect(readOptions(['--exposed', '30,10'], ['exposed'])).toMatchObject({
      exposed: [10, 30],
      shared: 200,
      waiting: 2_000,
    });
    expect(readOptions([], ['exposed']).exposed).toEqual([200, 300, 400]);
  });

  it.each([
    [['--only', 'speed'], 'it knows exposed'],
    [['--exposed', '200,many'], '--exposed is a whole number'],
    [['--shared', '19'], '--shared is a whole number from 20'],
    [['--waiting', '0'], '--waiting is a whole number from 1'],
  ])('%j are refused in plain words', (args, words) => {
    expect(() => readOptions(args, ['exposed'])).toThrow(words);
  });
});

it('counts as actions what Temporal Cloud bills, and a child twice', () => {
  const events = [
    { workflowExecutionStartedEventAttributes: {} },
    { workflowTaskScheduledEventAttributes: {} },
    { activityTaskScheduledEventAttributes: {} },
    { activityTaskCompletedEventAttributes: {}, timerStartedEventAttributes: null },
    { startChildWorkflowExecutionInitiatedEventAttributes: {} },
  ];
  expect(countActions({ events })).toEqual({ events: 5, actions: 4 });
});
