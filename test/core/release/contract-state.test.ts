import {
  admitContractGate,
  admitContractStuck,
  newContract,
  withPart,
  type ContractState,
} from '../../../src/core/release/contract-state';
import { explainContract } from '../../../src/core/release/explain-contract';
import { sealed, startMs } from './sample';

const { contract: effects, contractGate } = sealed.plan;
const gate = { ...contractGate, approvals: 2, members: ['ada', 'bob'], requesterMayApprove: false };
const of = { service: 'shop', version: '2.0.0', gate, effects, requestedBy: 'ada' };
// As an older worker began it: at its gate.
const waiting = newContract({ ...of, isSafe: false }, startMs);
const looking = newContract(of, startMs);
const key = effects[0]?.key ?? '';
const person = { id: 'm1', by: 'bob', why: 'fine' };
const message = { ...person, gate: gate.name };
const reason = (admission: { readonly ok: boolean; readonly reason?: string }): string => admission.reason ?? 'ok';
const approvedBy = (by: string): ContractState => ({
  ...waiting,
  approvals: [{ ...person, id: 'm0', by, atMs: startMs }],
  seenIds: ['m0'],
});
const stuck = withPart({ ...waiting, phase: 'ContractIncomplete' }, key, { status: 'stuck', detail: 'in use' });

it('begins by waiting, with a deadline and every part', () => {
  expect(waiting).toMatchObject({ phase: 'WaitingForApproval', deadlineMs: startMs + gate.timeoutMs });
  expect(waiting.parts).toEqual(effects.map((effect) => ({ effect: effect.key, status: 'waiting' })));
});

it.each<[string, ContractState, unknown, RegExp]>([
  ['by a member', waiting, message, /^ok$/],
  ['of another gate', waiting, { ...message, gate: 'go' }, /the open gate is contract, not go/],
  ['by a stranger', waiting, { ...message, by: 'eve' }, /eve may not decide; ada, bob may/],
  ['by who asked for the release', waiting, { ...message, by: 'ada' }, /ada started the release/],
  ['given twice', approvedBy('bob'), message, /bob has approved already/],
  ['repeated by its id', approvedBy('bob'), { ...message, id: 'm0' }, /^ok$/],
  ['after the decision', { ...waiting, phase: 'Contracted' }, message, /decided already \(Contracted\)/],
  ['after it was declined', { ...waiting, declined: { by: 'bob', why: 'no' } }, message, /already: bob declined it/],
  [
    'after the last one',
    { ...waiting, gate: { ...gate, approvals: 1 }, approvals: approvedBy('cem').approvals },
    message,
    /it is approved/,
  ],
  ['that is none', waiting, null, /no object/],
])('an approval %s', (_what, state, sent, expected) => {
  expect(reason(admitContractGate(state, sent as typeof message))).toMatch(expected);
});

it('acts on a stuck part only', () => {
  expect(admitContractStuck(stuck, person).ok).toBe(true);
  expect(admitContractStuck(stuck, { ...person, effect: key }).ok).toBe(true);
  expect(reason(admitContractStuck(stuck, { ...person, effect: 'other' }))).toMatch(/is stuck|is not stuck/);
  expect(reason(admitContractStuck(waiting, person))).toBe('nothing is stuck');
});

it.each<[string, ContractState, RegExp]>([
  [
    'waiting',
    waiting,
    /^Contract waits for approval: gate contract needs 2 approvals \(has 0\); after it there is no way back; next: .* stays for good; ada, bob may approve/,
  ],
  ['contracting', { ...waiting, phase: 'Contracting' }, /^Contracting: the old form is being removed/],
  [
    'stuck',
    stuck,
    /^Contract incomplete, act now: .* is stuck \(in use\); next: forward only: .*; spillway retry or waive shop/,
  ],
  ['done', { ...waiting, phase: 'Contracted' }, /^Contracted: the old form is gone/],
  [
    'declined',
    { ...waiting, phase: 'Declined', declined: { by: 'bob', why: 'not\nyet.' } },
    /^Contract declined: bob declined it: not yet; next: nothing/,
  ],
  ['expired', { ...waiting, phase: 'Declined' }, /^Contract declined: nobody approved it in time/],
])('explains itself while %s', (_what, state, sentence) => {
  expect(explainContract(state).sentence).toMatch(sentence);
  expect(explainContract(state).sentence).not.toMatch(/unknown|undefined/);
});

it('begins by looking for readers, and takes no approval for a pack that it does not show yet', () => {
  expect(looking).toMatchObject({ phase: 'WaitingForQuiet', safety: { step: 'quiet' } });
  expect(reason(admitContractGate(looking, message))).toMatch(/the gate is not open yet/);
  expect(reason(admitContractGate(looking, message, false))).toBe('ok');
});

it.each<[string, ContractState['phase'], string, boolean, RegExp]>([
  ['a waiver of readers by the steward', 'WaitingForQuiet', 'bob', true, /^ok$/],
  ['a waiver of readers by a stranger', 'WaitingForQuiet', 'eve', true, /eve may not waive it; ada, bob may/],
  ['a waiver of the restore point', 'MakingRestorePoint', 'bob', true, /cannot be waived/],
  ['a second look by anybody', 'WaitingForQuiet', 'eve', false, /^ok$/],
  ['a waiver of nothing', 'Renamed', 'bob', true, /nothing is stuck/],
])('admits or refuses %s', (_what, phase, by, isWaiver, expected) => {
  expect(reason(admitContractStuck({ ...looking, phase }, { ...person, by }, isWaiver))).toMatch(expected);
});

it.each<[ContractState['phase'], RegExp]>([
  ['Renamed', /^ok$/],
  ['Dropping', /decided already \(Dropping\)/],
  ['Contracted', /decided already \(Contracted\)/],
])('gives the old form its name back until the drop: %s', (phase, expected) => {
  expect(reason(admitContractGate({ ...looking, phase }, message, false))).toMatch(expected);
});

describe('stuck after the gate', () => {
  const incomplete = (change: Partial<ContractState['parts'][number]>): ContractState => ({
    ...looking,
    phase: 'ContractIncomplete',
    parts: looking.parts.map((part) => ({ ...part, status: 'stuck', detail: 'in use', ...change })),
  });

  it('is taken back while nothing is dropped', () => {
    const state = incomplete({ isRenamed: true });
    expect(reason(admitContractGate(state, message, false))).toBe('ok');
    expect(reason(admitContractStuck(state, person, true))).toMatch(/nothing is waived: .*, or reject, which gives/);
    expect(explainContract(state).sentence).toMatch(/next: it is tried again.*spillway reject shop contract/);
  });

  it.each<[string, ContractState]>([
    ['something is gone', incomplete({ isRenamed: true, isDropped: true })],
    ['it is being taken back', { ...incomplete({}), declined: { by: 'bob', why: 'no' } }],
  ])('is only mended and tried again once %s', (_what, state) => {
    expect(reason(admitContractGate(state, message, false))).toMatch(/decided already/);
    expect(reason(admitContractStuck(state, person, true))).toMatch(/nothing is waived: mend it and retry$/);
    expect(reason(admitContractStuck(state, person))).toBe('ok');
    expect(explainContract(state).sentence).toMatch(
      /next: forward only: it is tried again.*; mend it, then spillway retry shop/,
    );
  });
});

it('explains every step of its own', () => {
  const said = (phase: ContractState['phase'], why?: string): string =>
    explainContract({
      ...looking,
      phase,
      ...(looking.safety === undefined
        ? {}
        : { safety: { ...looking.safety, ...(why === undefined ? {} : { why }), dropAtMs: startMs } }),
    }).sentence;
  expect(said('WaitingForQuiet', 'it is needed by view names')).toMatch(/needed by view names.*spillway waive shop/);
  expect(said('MakingRestorePoint')).toMatch(/copied, and restored from the copy/);
  expect(said('Renamed')).toMatch(/dropped for good at .*spillway reject shop contract/);
});
