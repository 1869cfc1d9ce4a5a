import fc from 'fast-check';
import {
  admitGate,
  admitPause,
  admitPerson,
  admitResume,
  admitStuck,
  type Admission,
} from '../../../src/core/release/admit';
import { admitContractGate, admitContractStuck, newContract, withPart } from '../../../src/core/release/contract-state';
import type { GateMessage } from '../../../src/core/release/messages';
import { after, at, atGate, exposed, failed, ready, sealed, startMs } from './sample';

const person = { id: 'm1', by: 'ada', why: 'fine' };
const { contract: effects, contractGate: gate } = sealed.plan;
const contract = newContract({ service: 'shop', version: '2.0.0', gate, effects, requestedBy: 'cem' }, startMs);
const stuckPart = withPart({ ...contract, phase: 'ContractIncomplete' }, effects[0]?.key ?? '', { status: 'stuck' });
const states = [
  after([]),
  after([...ready, at('deploy')]),
  after(atGate),
  after([...atGate, at('expose-25')]),
  after([...exposed, { type: 'paused', ...person, id: 'm0', deadlineMs: 1 }]),
  after([...exposed, failed, { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' }]),
  after([...exposed, failed, { type: 'ended', ending: 'RolledBack' }]),
];

/** Every answer that a message gets, whatever it is and wherever the release is. */
function answersTo(message: unknown) {
  const sent = message as GateMessage;
  return [
    admitPerson(message),
    ...states.flatMap((state) => [
      admitGate(state, sent, true),
      admitGate(state, sent, false),
      admitPause(state, sent),
      admitResume(state, sent),
      admitStuck(state, sent),
    ]),
    admitContractGate(contract, sent),
    admitContractStuck(stuckPart, sent),
  ];
}

const reasonOf = (answer: Admission): string => (answer.ok ? 'ok' : answer.reason);
const long = 'x'.repeat(3_000);

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a text', 'approve'],
  ['a truth', true],
  ['an empty array', []],
  ['an array of a message', [person]],
  ['an empty object', {}],
  ['without an id', { by: 'ada', why: 'fine', gate: 'go' }],
  ['without a name', { id: 'm1', why: 'fine', gate: 'go' }],
  ['without a reason', { id: 'm1', by: 'ada', gate: 'go' }],
  ['of null texts', { id: null, by: null, why: null, gate: null }],
  ['of arrays', { id: ['m1'], by: ['ada'], why: ['fine'], gate: ['go'] }],
  ['of a long id', { ...person, id: long, gate: 'go' }],
  ['of a long name', { ...person, by: long, gate: 'go' }],
  ['of a long reason', { ...person, why: long, gate: 'go' }],
])('a message that is %s is refused everywhere, in few words', (_what, message) => {
  for (const answer of answersTo(message)) expect(reasonOf(answer)).toMatch(/^the message .{1,180}$/);
});

it.each<[string, unknown]>([
  ['a number', 7],
  ['null', null],
  ['a list of its name', ['go']],
  ['an object', {}],
  ['an object without a text', { toString: 1, valueOf: null }],
  ['a long text', long],
])('opens no gate for a gate that is %s, and does not throw', (_what, name) => {
  for (const state of states) {
    const answer = admitGate(state, { ...person, gate: name } as GateMessage, true);
    expect(reasonOf(answer)).toMatch(/^.{5,200}$/);
  }
  expect(admitContractGate(contract, { ...person, gate: name } as GateMessage).ok).toBe(false);
});

it('answers any JSON without throwing, and in few words', () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom('m1', 'ada', 'go', 'deploy/shop', '__proto__', long));
  const like = fc.record({ id: field, by: field, why: field, gate: field, effect: field }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), like), (message) => {
      for (const answer of answersTo(message)) if (!answer.ok) expect(answer.reason.length).toBeLessThan(2_300);
    }),
    { seed: 20261121, numRuns: 200 },
  );
});

it('lets a repeated id through silently, whatever else the message says', () => {
  const seen = { ...person, id: 'm0' };
  const paused = states[4]!;
  const elsewhere = { ...seen, gate: 'nowhere', effect: 'nothing' };
  for (const answer of [
    admitGate(paused, elsewhere, true),
    admitPause(paused, elsewhere),
    admitResume(paused, elsewhere),
    admitStuck(paused, elsewhere),
  ])
    expect(answer).toEqual({ ok: true });
});
