import { newContract, type ContractPhase, type ContractState } from '../../../src/core/release/contract-state';
import { explainContract } from '../../../src/core/release/explain-contract';
import { revoking, sealed, startMs } from './sample';

const { contract: migrating, contractGate } = sealed.plan;
const gate = { ...contractGate, members: ['ada'] };

/** A contract of a migration, of a login, or of both. */
function contractOf(what: 'schema' | 'logins' | 'both', change: Partial<ContractState> = {}): ContractState {
  const effects = { schema: migrating, logins: [revoking], both: [...migrating, revoking] }[what];
  const begun = newContract({ service: 'shop', version: '2.0.0', gate, effects, requestedBy: 'cem' }, startMs);
  const { safety } = begun;
  if (safety === undefined) throw new Error('no safety');
  return { ...begun, safety: { ...safety, dropAtMs: startMs }, ...change };
}
const sentenceOf = (state: ContractState): string => explainContract(state).sentence;
const declined = { by: 'bob', why: 'a job needs it' };

type Row = readonly [
  phase: ContractPhase,
  change: Partial<ContractState>,
  schema: RegExp,
  logins: RegExp,
  both: RegExp,
];

const rows: readonly Row[] = [
  [
    'WaitingForQuiet',
    {},
    /^Contract waits until nobody needs the old form: who still reads or writes the old form is being .*; end who needs it,/,
    /^Contract waits until nobody needs the old login: who still uses the old login is being found out; .*; end who uses it,/,
    /^Contract waits until nobody needs the old form or the old login: who still reads or writes the old form, or uses the old login, is /,
  ],
  [
    'MakingRestorePoint',
    {},
    /^Contract makes its restore point: what contract removes is copied, and restored from the copy to see that it can be; next/,
    /^Contract makes ready for its gate: no copy is made of a login, .* keeps its password; next: the gate opens/,
    /^Contract makes its restore point: what contract removes is copied, .* can be; no copy is made of a login/,
  ],
  [
    'WaitingForApproval',
    {},
    /nobody used the old form for 7d; .*after it the old form is renamed, and dropped 1d later: .*; next: the old form is removed, or at \S+ it stays for good/,
    /nobody used the old login for 7d; after it the old login is closed, and revoked 1d later: .*; next: the old login is revoked, or at \S+ it stays for good/,
    /nobody used the old form or the old login for 7d; .*after it the old form is renamed and the old login is closed, and both are gone for good 1d later: .*; next: the old form is removed and the old login is revoked, or at \S+ both stay for good/,
  ],
  [
    'WaitingForApproval',
    { gate: { ...gate, onTimeout: 'hold' } },
    /next: the old form is removed, or stays while nobody decides/,
    /next: the old login is revoked, or stays while nobody decides/,
    /next: the old form is removed and the old login is revoked, or both stay while nobody decides/,
  ],
  ['WaitingForRelease', {}, /or keep both forms \(/, /or keep both logins \(/, /or keep both forms and both logins \(/],
  [
    'Contracting',
    {},
    /^Contracting: the old form gets another name; next/,
    /^Contracting: the old login is being closed; next/,
    /^Contracting: the old form gets another name, and the old login is being closed; next/,
  ],
  [
    'Renamed',
    {},
    /^Contract: the old form is renamed: .*; next: it is dropped for good at .*; until then one command gives its name back \(spillway reject/,
    /^Contract: the old login is closed: .*shut out at their next log-in; next: it is revoked for good at .*; until then one command opens it again \(spillway reject/,
    /^Contract: the old form is renamed and the old login is closed: .*fails now; .*shut out at their next log-in; next: the form is dropped and the login revoked for good at .*; until then one command gives the form its name back and opens the login again \(/,
  ],
  [
    'Renamed',
    { declined },
    /bob wants the old form back: .*; next: it gets its name back/,
    /bob wants the old login back: .*; next: it is opened again/,
    /bob wants the old form and the old login back: .*; next: the form gets its name back, and the login is opened again/,
  ],
  [
    'Dropping',
    {},
    /^Contract: the old form is dropped: the old form is copied a last time and dropped; next/,
    /^Contract: the old login is revoked: the old login loses its password, and sessions that are left are ended; next/,
    /^Contract: the old form is dropped, the old login revoked: the old form is copied a last time and dropped; the old login loses /,
  ],
  [
    'ContractIncomplete',
    {},
    /or give the old form its name back \(/,
    /or open the old login again \(/,
    /or give the old form its name back and open the old login again \(/,
  ],
  [
    'Contracted',
    {},
    /^Contracted: the old form is gone; next/,
    /^Contracted: the old login is revoked: it has no password and no session; next/,
    /^Contracted: the old form is gone, and the old login is revoked: /,
  ],
  [
    'Declined',
    { declined },
    /next: nothing: both forms stay;/,
    /next: nothing: both logins stay;/,
    /next: nothing: both forms and both logins stay;/,
  ],
];

describe.each(rows)('%s says what becomes of', (phase, change, schema, logins, both) => {
  it('a form of the data, and of no login', () => {
    const sentence = sentenceOf(contractOf('schema', { phase, ...change }));
    expect(sentence).toMatch(schema);
    expect(sentence).not.toMatch(/log-?in|revoke/);
  });
  it('a login, and of nothing that has a form, a copy or a name', () => {
    const sentence = sentenceOf(contractOf('logins', { phase, ...change }));
    expect(sentence).toMatch(logins);
    expect(sentence).not.toMatch(/\bforms?\b|name back|copied|restore|renamed|drop/);
  });
  it('both', () => expect(sentenceOf(contractOf('both', { phase, ...change }))).toMatch(both));
});

describe('a contract that stands still', () => {
  const hidden = (of: 'schema' | 'logins' | 'both', phase: ContractPhase, isDropped = false): string => {
    const state = contractOf(of, { phase });
    const parts = state.parts.map((part) => ({ ...part, status: 'stuck' as const, isRenamed: true, isDropped }));
    return sentenceOf({ ...state, parts });
  };

  it.each<ContractPhase>(['ContractIncomplete', 'WaitingForRelease', 'WaitingForDataChoice'])(
    'says that a login is closed, for whoever is shut out: %s',
    (phase) => {
      expect(hidden('both', phase)).toMatch(/; the old login is closed; next/);
      expect(hidden('both', phase, true)).toMatch(/; the old login is revoked; next/);
      expect(sentenceOf(contractOf('both', { phase }))).not.toMatch(/login is (closed|revoked)/);
      expect(hidden('schema', phase)).not.toMatch(/login/);
    },
  );
});
