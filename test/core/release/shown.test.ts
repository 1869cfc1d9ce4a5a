import { changedFields, firstFields, shownIn } from '../../../src/core/release/shown';
import { newRelease } from '../../../src/core/release/state';

const state = newRelease('cem', 1);

it('tells what changed and nothing else', () => {
  expect(changedFields(state, state)).toEqual({});
  const paused = { by: 'dee', why: 'lunch', sinceMs: 2, deadlineMs: 3 };
  expect(changedFields(state, { ...state, paused })).toEqual({ 'state.paused': paused });
  expect(changedFields({ ...state, paused }, state)).toEqual({ 'state.paused': null });
});

it('tells everything at first, and takes away what somebody else left there', () => {
  const memo = { requestedBy: 'cem', 'state.proof': { isRestored: true }, 'state.phase': 'Promoted' };
  const told = firstFields(memo, state);
  expect(told).toMatchObject({ 'state.proof': null, 'state.phase': 'Preparing', 'state.startedAtMs': 1 });
  expect(told).not.toHaveProperty('requestedBy');
});

it('says where to read what is in the history anyway, and what is too long for a memo', () => {
  const long = { ...state, sealed: { plan: {} }, requestedBy: 'x'.repeat(60_000) };
  const told = changedFields({}, long);
  expect(JSON.stringify(told).length).toBeLessThan(1_000);
  const shown = shownIn({ ...told, requestedBy: 'cem' });
  expect(shown).toMatchObject({ inHistory: ['sealed'], inWorkflow: ['requestedBy'] });
  expect(shown?.fields).toMatchObject({ phase: 'Preparing', journal: [] });
  expect(Object.keys(shown?.fields ?? {})).not.toContain('sealed');
});

it('finds no state where a memo shows none', () => {
  expect(shownIn({ requestedBy: 'cem', version: '2.0.0' })).toBeUndefined();
});
