import type { QuietReport } from '../../../src/core/contract/quiet';
import { shownPack } from '../../../src/core/release/contract-pack';
import { newContract } from '../../../src/core/release/contract-state';
import { revoking, sealed, startMs } from './sample';

const { contract: migrating, contractGate: gate } = sealed.plan;
const day = 86_400_000;
const waiver = { by: 'ada', why: 'the job is gone', atMs: startMs };

const form = (quietMs: number): QuietReport => ({
  removes: ['public.orders.name'],
  dependents: [],
  readers: [],
  quietMs,
  unlisted: 0,
});
const login = (quietMs: number, more: Partial<QuietReport> = {}): QuietReport => ({
  removes: ['login shop_a of login'],
  dependents: [],
  readers: [],
  quietMs,
  unlisted: 0,
  watch: { atMs: startMs, usedAtMs: startMs - quietMs },
  ...more,
});

/** What the gate shows when this was found last; a contract of a migration and a login unless less is found. */
function packOf(found: { readonly form?: QuietReport; readonly login?: QuietReport }, isWaived = true): string {
  const [migration] = migrating;
  if (migration === undefined) throw new Error('no migration');
  const parts = [
    ...(found.form === undefined ? [] : [[migration, found.form] as const]),
    ...(found.login === undefined ? [] : [[revoking, found.login] as const]),
  ];
  const effects = parts.map(([effect]) => effect);
  const state = newContract({ service: 'shop', version: '2.0.0', gate, effects, requestedBy: 'cem' }, startMs);
  const { safety } = state;
  if (safety === undefined) throw new Error('no safety');
  const seen = Object.fromEntries(parts.map(([{ key }, report]) => [key, report]));
  return shownPack({ ...state, safety: { ...safety, found: seen, ...(isWaived ? { waiver } : {}) } });
}

it.each<[string, Parameters<typeof packOf>[0], RegExp]>([
  ['readers, where nothing else goes', { form: form(day) }, /^readers were waived by ada: the job is gone; kept/],
  [
    'a login, where nothing else goes',
    { login: login(day) },
    /^the quiet time of login shop_a of login was waived by ada: the job is gone; what goes is login shop_a of login; $/,
  ],
  [
    'readers and a login',
    { form: form(day), login: login(day) },
    /^readers of public\.orders\.name and the quiet time of login shop_a of login were waived by ada: the job is gone; what goes/,
  ],
  [
    'readers alone, where the login was waited for',
    { form: form(day), login: login(7 * day) },
    /^readers of public\.orders\.name were waived by ada: the job is gone; nobody used the old login for 7d; /,
  ],
  [
    'a login alone, where readers were waited for',
    { form: form(7 * day), login: login(day) },
    /^the quiet time of login shop_a of login was waived by ada: the job is gone; nobody used the old form for 7d; /,
  ],
  [
    'a login whose statements nobody can see, however long it was quiet',
    { form: form(7 * day), login: login(7 * day, { blind: 'no pg_stat_statements' }) },
    /^the quiet time of login shop_a of login was waived by ada/,
  ],
  [
    'nothing, where all of it was waited for after all',
    { form: form(7 * day), login: login(7 * day) },
    /^ada waived what was to be waited for, and nothing was left: the job is gone; nobody used the old form or the old login for 7d/,
  ],
])('a waiver names what it stood for: %s', (_what, found, words) => expect(packOf(found)).toMatch(words));

it('the gate of a login says that it goes, and of no copy', () => {
  const alone = packOf({ login: login(7 * day) }, false);
  expect(alone).toBe('nobody used the old login for 7d; what goes is login shop_a of login; ');
  // One that somebody revoked by hand already.
  expect(packOf({ login: login(0, { removes: [] }) }, false)).not.toMatch(/kept/);
});
