import { describeMembers } from '../cohorts/members';
import type { Effect, Slots } from '../plan/effects';
import { flagLines } from './flag-lines';
import type { LeftLine } from './left-switch';
import { mayBeTheirs } from './schema-owner';
import { judgeOldForm, type OldFormChange } from './reconciliation';
import { judgeRebound, type Rebound } from './band';
import { judgeGuardrails, type GuardrailBand, type NotShown } from './guardrail-band';
import type { SlotWorld, Snapshot, World } from './snapshot';

export type ProofLine = {
  readonly object: string;
  readonly expected: string;
  readonly observed: string;
  readonly isEqual: boolean;
};

/** The comparison of the world with the snapshot after a rollback. */
export type Proof = {
  readonly isRestored: boolean;
  readonly lines: readonly ProofLine[];
  /** Objects that this release did not touch and that changed meanwhile. */
  readonly drift: readonly ProofLine[];
  /** Kill switches that somebody else threw: theirs to decide, so they are told and are no failed proof. Absent where there are none. */
  readonly left?: readonly LeftLine[];
  /** What was to be observed beside it and could not be: it is said, never told as good. Absent where all was. */
  readonly notShown?: readonly NotShown[];
};

const line = (object: string, expected: string, observed: string): ProofLine => ({
  object,
  expected,
  observed,
  isEqual: expected === observed,
});

/** What ran and answered before must answer again; what nobody asked then is not asked now. */
function runningText(is: SlotWorld, wasReady: boolean): string {
  const { version, running, isReady } = is;
  const silent = running && wasReady && isReady === false ? ', does not answer' : '';
  return `${version ?? 'none'} ${running ? 'running' : 'stopped'}${silent}`;
}

function trafficLines(roles: Slots, before: World, now: World): ProofLine[] {
  const was = before.slots[roles.baseline];
  const is = now.slots[roles.baseline];
  return [
    line(`traffic to ${roles.baseline} (baseline)`, `100 % ready`, `${is.weight} % ${is.state}`),
    line(
      `traffic to ${roles.canary} (canary)`,
      `0 % maint`,
      `${now.slots[roles.canary].weight} % ${now.slots[roles.canary].state}`,
    ),
    ...(now.members === undefined ? [] : [line('members of cohorts', 'none', describeMembers(now.members).slice(2))]),
    line(`version in ${roles.baseline}`, `${was.version ?? 'none'} running`, runningText(is, was.isReady === true)),
  ];
}

function deployLines(roles: Slots, before: World, now: World, release: string): ProofLine[] {
  const is = now.slots[roles.canary];
  const ours = is.running && is.release === release;
  const known = before.slots[roles.canary].release;
  return [
    line(
      `version in ${roles.canary}`,
      'nothing of this release runs',
      ours ? `${is.version ?? 'unknown'} of this release runs` : 'nothing of this release runs',
    ),
    ...(is.running && is.release !== known && !ours
      ? [line(`release in ${roles.canary}`, known ?? 'none', is.release ?? 'unknown')]
      : []),
  ];
}

type SchemaLine = ProofLine & { readonly name: string };
const asLine = ({ object, expected, observed, isEqual }: SchemaLine): ProofLine => ({
  object,
  expected,
  observed,
  isEqual,
});

function schemaLines(target: string, before: World, now: World): SchemaLine[] {
  const was = before.schemas[target] ?? {};
  const is = now.schemas[target];
  // Missing data is never a pass, not even for a schema that was empty.
  if (is === undefined) return [{ ...line(`schema ${target}`, 'read', 'unread'), name: '' }];
  const objects = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return objects.map((name) => ({
    ...line(`schema ${target}: ${name}`, was[name] ?? 'absent', is[name] ?? 'absent'),
    name,
  }));
}

const summarised = (target: string, lines: readonly ProofLine[]): readonly ProofLine[] => {
  const different = lines.filter((entry) => !entry.isEqual);
  return different.length > 0
    ? different
    : [line(`schema ${target}`, `${lines.length} objects as before`, `${lines.length} objects as before`)];
};

/** What was watched for a time counts; else what was seen in one look. */
const guardrailLine = (before: World, now: World, rebound: Rebound | undefined): ProofLine => ({
  object: 'errors of the baseline',
  ...judgeRebound(before.baselineErrors, rebound ?? { parts: [now.baselineErrors], watchedMs: 0 }),
});

/** Users go on meanwhile: what they wrote is told, and what the undo did to rows that they left alone is not forgiven. */
function oldFormLine(change: OldFormChange): ProofLine {
  const { rowsBefore, rowsNow, writtenSince, damaged } = judgeOldForm(change);
  const rows = (count: number): string => `${count.toLocaleString('en-US')} rows`;
  return {
    object: `data ${change.id} (old form in ${change.table})`,
    expected: `${rows(rowsBefore)}, none changed by the undo`,
    observed: `${rows(rowsNow)}, ${writtenSince.toLocaleString('en-US')} of them written by users since, ${damaged === 0 ? 'none' : `${damaged} of ${change.before.length} ranges`} changed by the undo`,
    isEqual: damaged === 0,
  };
}

const touchedSchema = (effects: readonly Effect[], target: string): boolean =>
  effects.some((effect) => effect.kind === 'migrate' && effect.target === target);

/**
 * Compares the world after a rollback with the snapshot, object by object.
 * `touched` are the effects that the journal holds: other differences are drift, not a failed proof. `rebound` and
 * `band` are how the baseline did in the time after users returned, at the proxy and by its guardrails.
 */
export function proveRestored(
  snapshot: Snapshot,
  now: World,
  touched: readonly Effect[],
  {
    release,
    leftSwitches = [],
    oldForms = [],
    rebound,
    band,
  }: {
    readonly release: string;
    /** Keys of the effects whose kill switch reads as somebody else threw it. */
    readonly leftSwitches?: readonly string[];
    readonly oldForms?: readonly OldFormChange[];
    readonly rebound?: Rebound;
    readonly band?: GuardrailBand;
  },
): Proof {
  const { world: before, roles } = snapshot;
  const lines: ProofLine[] = [...trafficLines(roles, before, now), ...deployLines(roles, before, now, release)];
  const drift: ProofLine[] = [];
  for (const target of Object.keys(before.schemas)) {
    const found = schemaLines(target, before, now);
    const isTheirs = touchedSchema(touched, target) ? mayBeTheirs(touched, target) : () => false;
    const own = found.filter(({ isEqual, name }) => isEqual || isTheirs(name));
    if (touchedSchema(touched, target)) lines.push(...summarised(target, own.map(asLine)));
    drift.push(...found.filter((entry) => !own.includes(entry)).map(asLine));
  }
  for (const [target, was] of Object.entries(before.configuration)) {
    const is = now.configuration[target];
    const isTouched = touched.some((effect) => effect.kind === 'configure' && effect.target === target);
    const canary = line(`configuration ${target} ${roles.canary}`, was[roles.canary], is?.[roles.canary] ?? 'unread');
    if (isTouched) lines.push(canary);
    else if (!canary.isEqual) drift.push(canary);
    const other = line(
      `configuration ${target} ${roles.baseline}`,
      was[roles.baseline],
      is?.[roles.baseline] ?? 'unread',
    );
    if (!other.isEqual) drift.push(other);
  }
  const flags = flagLines(before, now, touched, leftSwitches);
  lines.push(...flags.lines);
  drift.push(...flags.drift);
  for (const [target, logins] of Object.entries(before.credentials ?? {})) {
    for (const [login, was] of Object.entries(logins)) {
      const entry = line(`login ${login} of ${target}`, was, now.credentials?.[target]?.[login] ?? 'unread');
      const isTouched = touched.some(
        (effect) => effect.kind === 'rotate' && effect.target === target && effect.login === login,
      );
      if (isTouched) lines.push(entry);
      else if (!entry.isEqual) drift.push(entry);
    }
  }
  for (const [id, was] of Object.entries(before.invariants)) {
    lines.push(line(`data invariant ${id}`, `${was} violations`, `${now.invariants[id] ?? 'unread'} violations`));
  }
  lines.push(...oldForms.map(oldFormLine));
  lines.push(guardrailLine(before, now, rebound));
  const beside = band === undefined ? undefined : judgeGuardrails(before.guardrails, band);
  lines.push(...(beside?.lines ?? []));
  const isRestored = lines.every((entry) => entry.isEqual);
  const notShown = beside?.notShown ?? [];
  return {
    isRestored,
    lines,
    drift,
    ...(flags.left.length === 0 ? {} : { left: flags.left }),
    ...(notShown.length === 0 ? {} : { notShown }),
  };
}
