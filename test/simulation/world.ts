import type { Json } from '../../src/core/json';
import type { Slot, Slots } from '../../src/core/plan/effects';
import type { Plan } from '../../src/core/plan/plan';
import type { Snapshot, World as WorldShot } from '../../src/core/release/snapshot';
import type { Split } from '../../src/ports/traffic';
import type { Publication } from '../../src/core/evidence/publication';
import type { LedgerEntry } from '../../src/adapters/migrations/ledger';
import type { LoginMark, LoginState } from '../../src/ports/credentials';
import type { Attempt } from './server/activity';

type Running = { readonly version: string; readonly release: string };

export type Login = { state: LoginState; mark?: LoginMark };

/** Everything a release changes, as it really is; nothing of it comes from the workflow. */
export type World = {
  split: Split;
  running: { [S in Slot]: Running | undefined };
  readonly ledger: Map<string, LedgerEntry>;
  readonly configuration: { [S in Slot]: string };
  /** The canary's earlier document, by release. */
  readonly kept: Map<string, string>;
  readonly flags: Map<string, Json>;
  /** The two of a credential; `shop_a` is in use. */
  readonly logins: { readonly [name: string]: Login };
  role: Slot | undefined;
  readonly published: Publication[];
  /** Which chain of runs, by its first one, a publication came from. */
  readonly publishedBy: Map<Publication, string>;
  /** What the store keeps from before the first change, and which attempt of the preflight took it. */
  prepared: { readonly snapshot: Snapshot; readonly attempt: number } | undefined;
  /** Told of every change, after it. */
  onChange: (what: string, writer: Attempt | undefined) => void;
};

const firstRelease = 'first';

export function createWorld({ baseline, canary }: Slots): World {
  const on = { weight: 100, state: 'ready' } as const;
  const off = { weight: 0, state: 'maint' } as const;
  return {
    split: baseline === 'blue' ? { blue: on, green: off } : { blue: off, green: on },
    running: {
      ...{ blue: undefined, green: undefined },
      [baseline]: { version: '1.0.0', release: firstRelease },
      [canary]: undefined,
    },
    ledger: new Map(),
    configuration: { blue: 'b0', green: 'g0' },
    kept: new Map(),
    flags: new Map(),
    logins: { shop_a: { state: 'open' }, shop_b: { state: 'closed' } },
    role: undefined,
    published: [],
    publishedBy: new Map(),
    prepared: undefined,
    onChange: () => undefined,
  };
}

/** What a second controller gives the canary; no stage has it. */
export const foreignPercent = 33;

/** The share of users that a slot really gets. */
export const shareOf = ({ split }: World, slot: Slot): number =>
  split[slot].state === 'ready' ? split[slot].weight : 0;

/** Whether the slots are in the roles that only a promotion gives them. */
export const showsPromotion = ({ split }: World, { baseline, canary }: Slots): boolean =>
  split[canary].state === 'ready' && split[canary].weight > 0 && split[baseline].state === 'maint';

const statesOf = ({ logins }: World): { readonly [login: string]: LoginState } =>
  Object.fromEntries(Object.entries(logins).map(([name, { state }]) => [name, state]));

const appliedParts = ({ ledger }: World): string[] =>
  [...ledger].filter(([, { isUndone }]) => !isUndone).map(([key]) => key);

/** What a look at every target shows, in the words of preflight and proof. */
export function shotOf(world: World, plan: Plan, atMs: number): WorldShot {
  const slot = (name: Slot) => ({
    ...world.split[name],
    version: world.running[name]?.version ?? null,
    running: world.running[name] !== undefined,
    release: world.running[name]?.release ?? null,
  });
  const { databases, configuration, flags } = plan.targets;
  const names = plan.effects.flatMap((effect) => (effect.kind === 'flag' ? [effect.flag] : []));
  const rotated = plan.rotations ?? [];
  const value = (flag: string): readonly [Json] | null => {
    const found = world.flags.get(flag);
    return found === undefined ? null : [found];
  };
  return {
    takenAt: new Date(atMs).toISOString(),
    slots: { blue: slot('blue'), green: slot('green') },
    schemas: Object.fromEntries(
      databases.map((name) => [name, Object.fromEntries(appliedParts(world).map((part) => [part, 'applied']))]),
    ),
    configuration: Object.fromEntries(configuration.map((name) => [name, { ...world.configuration }])),
    flags: Object.fromEntries(
      flags.map((name) => [name, Object.fromEntries(names.map((flag) => [flag, value(flag)]))]),
    ),
    ...(rotated.length === 0
      ? {}
      : { credentials: Object.fromEntries(rotated.map(({ target }) => [target, statesOf(world)])) }),
    invariants: {},
    baselineErrors: { requests: 100, bad: 0 },
  };
}

/** The world but for the store, as one text: equal texts, equal worlds. */
export const signatureOf = (world: World): string =>
  JSON.stringify([
    world.split,
    world.running,
    appliedParts(world).sort(),
    world.configuration,
    statesOf(world),
    [...world.flags].sort(([left], [right]) => (left < right ? -1 : 1)),
  ]);
