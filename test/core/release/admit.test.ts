import {
  admitGate,
  admitPause,
  admitPerson,
  admitResume,
  admitStuck,
  stuckKeys,
  tooLateToTurn,
} from '../../../src/core/release/admit';
import type { ReleaseEvent } from '../../../src/core/release/events';
import type { GateMessage } from '../../../src/core/release/messages';
import { newRelease } from '../../../src/core/release/state';
import { after, at, atGate, exposed, failed, ready } from './sample';

const person = { id: 'm1', by: 'ada', why: 'fine' };
const approval: GateMessage = { ...person, gate: 'go' };
const approved: ReleaseEvent = { type: 'approved', ...approval, id: 'm0' };
const over: readonly ReleaseEvent[] = [...atGate, failed, { type: 'ended', ending: 'RolledBack' }];
const past: readonly ReleaseEvent[] = [...atGate, at('expose-25')];
const promoted: readonly ReleaseEvent[] = [
  ...ready,
  { type: 'stage-done', stageId: 'promote', reason: 'r', verdicts: [] },
];
const huge = 'x'.repeat(1_000_000);
const reason = (admission: { readonly ok: boolean; readonly reason?: string }): string => admission.reason ?? 'ok';

it.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /no object/],
  ['null', null, /no object/],
  ['a text', 'approve', /no object/],
  ['an empty object', {}, /lacks id, by, why/],
  ['a blank reason', { ...person, why: '  ' }, /lacks why/],
  ['a number as name', { ...person, by: 7 }, /lacks by/],
  ['a huge reason', { ...person, why: huge }, /lacks why, or it is longer than 2000 characters/],
])('%s is no message', (_what, message, expected) => {
  const found = reason(admitPerson(message));
  expect(found).toMatch(expected);
  expect(found.length).toBeLessThan(300);
});

it.each<[string, readonly ReleaseEvent[], GateMessage, RegExp]>([
  ['by a member', atGate, approval, /^ok$/],
  ['of another gate', atGate, { ...approval, gate: 'stop' }, /the open gate is go, not stop/],
  ['of a gate with a huge name', atGate, { ...approval, gate: huge }, /^the open gate is go, not x{80}…$/],
  ['of no gate', atGate, { ...person } as GateMessage, /the open gate is go, not nothing/],
  ['by a stranger', atGate, { ...approval, by: 'eve' }, /eve is not in leads of gate go; ada, bob may decide/],
  ['given twice', [...atGate, approved], approval, /ada has approved gate go already/],
  ['repeated by its id', [...atGate, approved], { ...approval, id: 'm0' }, /^ok$/],
  ['before any gate', [...ready, at('deploy')], approval, /no gate is open now; the release is at deploy/],
  ['before the start', [], approval, /no gate is open now; the release is at its start/],
  ['after its gate', past, approval, /gate go was decided already/],
  ['of a name every object has', past, { ...approval, gate: 'constructor' }, /no gate is open now/],
  ['while rolling back', [...atGate, failed], approval, /rolling back: http-errors/],
  ['after the end', over, approval, /has ended \(RolledBack\)/],
  ['after the promotion', promoted, approval, /has ended \(Promoted\)/],
])('an approval %s', (_what, events, message, expected) => {
  expect(reason(admitGate(after(events), message, true))).toMatch(expected);
});

it('lets the requester reject, and approve only where the policy lets it', () => {
  const state = { ...after(atGate), requestedBy: 'ada' };
  expect(admitGate(state, approval, true).ok).toBe(true);
  const plan = state.sealed!.plan;
  const stages = plan.stages.map((stage) =>
    stage.kind === 'gate' ? { ...stage, gate: { ...stage.gate, requesterMayApprove: false } } : stage,
  );
  const strict = { ...state, sealed: { ...state.sealed!, plan: { ...plan, stages } } };
  expect(reason(admitGate(strict, approval, true))).toMatch(/ada started the release/);
  expect(admitGate(strict, approval, false).ok).toBe(true);
});

it('pauses once and resumes once', () => {
  const running = after(exposed);
  const paused = after([...exposed, { type: 'paused', ...person, id: 'm0', deadlineMs: 1 }]);
  expect(admitPause(running, person).ok).toBe(true);
  expect(reason(admitPause(paused, person))).toBe('ada has paused it already');
  expect(admitResume(paused, person).ok).toBe(true);
  expect(reason(admitResume(running, person))).toBe('it is not paused');
  expect(reason(admitPause(after([...exposed, failed]), person))).toMatch(/rolling back/);
  expect(reason(admitResume(after(over), person))).toMatch(/has ended/);
  expect(admitPause(paused, { ...person, id: 'm0' }).ok).toBe(true);
});

it('acts on what is stuck, by name or all of it', () => {
  const stuck = after([
    ...exposed,
    failed,
    { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' },
    { type: 'compensation-stuck', effect: 'proof', reason: 'r' },
  ]);
  expect(stuckKeys(stuck, person)).toEqual(['deploy/shop', 'proof']);
  expect(stuckKeys(stuck, { ...person, effect: 'proof' })).toEqual(['proof']);
  expect(admitStuck(stuck, person).ok).toBe(true);
  expect(reason(admitStuck(stuck, { ...person, effect: huge }))).toMatch(/^x{80}… is not stuck$/);
  expect(reason(admitStuck(after(exposed), person))).toBe('nothing is stuck');
  expect(reason(admitStuck(after(over), person))).toMatch(/has ended/);
});

it('says from when on nothing turns a release back', () => {
  expect(tooLateToTurn(after(exposed))).toBeUndefined();
  expect(tooLateToTurn(after([...exposed, failed]))).toMatch(/rolling back already/);
  expect(tooLateToTurn(after(promoted))).toMatch(/it is promoted/);
  expect(tooLateToTurn(after(over))).toMatch(/it has ended/);
});

it('lets nobody end a recovery before it has found its release', () => {
  const searching = { ...newRelease('dee', 0), isSearching: true };
  expect(tooLateToTurn(searching)).toMatch(/it goes back as soon as it has found its release/);
  expect(reason(admitPause(searching, person))).toMatch(/it is a recovery/);
  expect(tooLateToTurn({ ...searching, endedAtMs: 1, phase: 'Refused' })).toBe('it has ended (Refused)');
});
