import type { Plan } from '../../src/core/plan/plan';
import type { ExposeStage } from '../../src/core/plan/stages';
import type { ReleaseState } from '../../src/core/release/state';
import type { GateMessage, StuckMessage } from '../../src/core/release/messages';
import type { Proof } from '../../src/core/release/proof';
import type { Slots } from '../../src/core/plan/effects';
import type { Attempt, Task } from './activity-tasks';
import type { Outcome } from './failures';
import type { Closing } from './server';
import { firstRunId } from './plans';
import { shareOf, signatureOf, type World } from './world';

/** Effects by the activity that makes them; its input names the effect. */
const forward = new Set([
  'migrate',
  'backfill',
  'configure',
  'setFlag',
  'deployCanary',
  'checkCanary',
  'exposeCanary',
  'promoteCanary',
]);
const undoing = new Set([
  'closeTraffic',
  'drainTraffic',
  'stopCanary',
  'restoreConfiguration',
  'restoreFlag',
  'undoMigration',
]);

const keyOf = (task: Task): string => {
  const input = task.input as {
    readonly sealed?: { readonly effect?: { readonly key: string } };
    readonly expose?: { readonly effect: { readonly key: string } };
  };
  return input.sealed?.effect?.key ?? input.expose?.effect.key ?? '';
};

type Said = { readonly id?: unknown; readonly by?: unknown; readonly why?: unknown };

/** Watches a simulated release from outside and says what must never be; it trusts nothing the workflow says of the world. */
export function createChecker(world: World, plan: Plan, roles: Slots, requestedBy: string, nowMs: () => number) {
  const broken: string[] = [];
  const before = signatureOf(world);
  const { canary, baseline } = roles;
  const exposures = plan.stages.filter((stage): stage is ExposeStage => stage.kind === 'expose');
  const intended = new Set<string>();
  const undone = new Set<string>();
  const waived = new Set<string>();
  const waivers: StuckMessage[] = [];
  const approvals: GateMessage[] = [];
  const advanced = new Set<string>();
  const seen = { refusedPreflight: false };
  let share = shareOf(world, canary);
  let mustNotPromote: string | undefined;
  let isPromoteDelivered = false;
  let turnedAtMs: number | undefined;
  let pausedInTask = false;
  let wasLate = false;
  let wasLateSinceProof = false;
  let incidents = 0;
  let proof: Proof | undefined;
  let endings = 0;
  let ending: string | undefined;
  let observe: () => readonly Task[] = () => [];
  let isWatchDone = false;
  const askedAtMs = new WeakMap<Attempt, number>();
  let isRoleRefused = false;

  const fail = (what: string): void => {
    if (broken.length < 20) broken.push(what);
  };
  const isWaived = (kind: string): boolean => [...waived].some((key) => key.startsWith(`${kind}/`));
  const isOurs = (): boolean => world.running[canary]?.version === plan.version;

  /** What the canary may have at most: the highest stage whose gates were opened by enough different people who may. */
  function mostShare(): number {
    let most = 0;
    for (const stage of plan.stages) {
      if (stage.kind === 'gate') {
        const { name, members, requesterMayApprove } = stage.gate;
        const people = new Set(
          approvals
            .filter(({ gate, by }) => gate === name && (members === undefined || members.includes(by)))
            .filter(({ by }) => requesterMayApprove || by !== requestedBy)
            .map(({ by }) => by),
        );
        if (people.size < stage.gate.approvals) return most;
      }
      if (stage.kind === 'expose') {
        most = stage.canaryPercent;
        if (!advanced.has(stage.id)) return most;
      }
      if (stage.kind === 'promote') return 100;
    }
    return most;
  }

  function checkRise(now: number, writer: Attempt | undefined): void {
    if (writer === undefined) return;
    const { type, scheduledAtMs } = writer.task;
    // The guard of the ending gives a promoted version its users back.
    if (type === 'restoreEnding' && ending === 'Promoted') return;
    const how = `${type} at ${nowMs()} raised the canary from ${share} to ${now} %`;
    const askedMs = askedAtMs.get(writer) ?? -Infinity;
    // Nothing can stop a write whose question was answered before the turn; it is closed again behind it.
    if (turnedAtMs !== undefined && askedMs < turnedAtMs) {
      if (scheduledAtMs > turnedAtMs) fail(`${how}, scheduled after the release turned back`);
      return;
    }
    if (turnedAtMs !== undefined) return fail(`${how} after the release turned back`);
    if (!writer.isWanted()) return;
    if (!['exposeCanary', 'restoreSplit', 'promoteCanary'].includes(type)) fail(`${how}: it may not`);
    if (now > mostShare() + 0.001) fail(`${how}, and at most ${mostShare()} % are allowed`);
    if (observe().length === 0 && !isWatchDone) fail(`${how}, and nobody watches`);
  }

  function checkUndo(what: string): void {
    const isExposed = shareOf(world, canary) > 0 && !isWaived('expose') && !wasLate;
    const runs = isOurs() && !isWaived('deploy') && !wasLate;
    if (what.startsWith(`stop ${canary}`) && isExposed)
      fail(`the canary was stopped with ${share} % of the users on it`);
    if (what.startsWith('unapply') || what.startsWith('unconfigure')) {
      if (isExposed) fail(`${what} with ${share} % of the users on the canary`);
      if (runs) fail(`${what} while the canary runs`);
    }
    if (what.startsWith('unapply')) checkLater(what.slice('unapply '.length));
  }

  /** A later migration of the same database goes first. */
  function checkLater(key: string): void {
    const parts = plan.effects.filter((effect) => effect.kind === 'migrate');
    const at = parts.findIndex((effect) => effect.key === key);
    for (const later of parts.slice(at + 1)) {
      const entry = world.ledger.get(later.key);
      if (entry !== undefined && !entry.isUndone && !isWaived('migrate') && !wasLate)
        fail(`${key} was undone while ${later.key} is still applied`);
    }
  }

  return {
    broken,
    ending: () => ending,
    wasLate: () => wasLate,
    watchedBy(pending: () => readonly Task[]): void {
      observe = pending;
    },
    onChange(what: string, writer: Attempt | undefined): void {
      const isLate = writer !== undefined && !writer.isWanted();
      if (writer === undefined) incidents += 1;
      if (isLate && !['publish', 'role'].some((kind) => what.startsWith(kind))) {
        wasLate = true;
        wasLateSinceProof = true;
      }
      const now = shareOf(world, canary);
      if (now > share) checkRise(now, writer);
      share = now;
      if (isLate || writer === undefined) return;
      checkUndo(what);
    },
    /** The server told an attempt that it is still wanted. */
    onAsked(attempt: Attempt): void {
      askedAtMs.set(attempt, nowMs());
    },
    onScheduled(task: Task): void {
      const key = keyOf(task);
      if (forward.has(task.type)) {
        intended.add(key);
        if (turnedAtMs !== undefined) fail(`${task.type} ${key} was scheduled after the release turned back`);
        if (pausedInTask) fail(`${task.type} ${key} was scheduled while the release was paused`);
      }
      if (task.type === 'restoreSplit' && turnedAtMs !== undefined) fail('a repair was scheduled on the way back');
      if (!undoing.has(task.type)) return;
      if (!intended.has(key) && key !== `expose/${plan.service}` && !plan.effects.some((effect) => effect.key === key))
        fail(`${task.type} undoes ${key}, which is not in the plan`);
    },
    onDelivered(task: Task, outcome: Outcome): void {
      if (task.type === 'observe' && outcome.kind === 'completed') isWatchDone = true;
      if (task.type === 'recordRole' && outcome.kind === 'failed' && !task.isLocal) isRoleRefused = true;
      if (outcome.kind !== 'completed') return;
      if (task.type === 'promoteCanary') isPromoteDelivered = true;
      if (undoing.has(task.type)) undone.add(keyOf(task));
      if (task.type === 'preflight') seen.refusedPreflight = !(outcome.value as { readonly ok: boolean }).ok;
      if (task.type === 'prove') {
        proof = outcome.value as Proof;
        wasLateSinceProof = false;
      }
    },
    onMessage(name: string): void {
      if ((name === 'abort' || name === 'cancel') && !isPromoteDelivered) mustNotPromote ??= name;
    },
    /** What the workflow may rely on from now on. */
    onHeard(name: string, payload: unknown): void {
      const said = (typeof payload === 'object' && payload !== null ? payload : {}) as Said;
      if (name === 'approve' && typeof said.by === 'string') approvals.push(payload as GateMessage);
      if (name === 'resume') pausedInTask = false;
      if (name === 'waive' && typeof said.by === 'string') waivers.push(payload as StuckMessage);
      if (name === 'watched') {
        const notice = payload as { readonly class?: string; readonly stageId?: string } | null;
        if (notice?.class === 'advance') advanced.add(notice.stageId ?? '');
      }
    },
    /** After every workflow task of the release. */
    afterTask(state: ReleaseState): void {
      if (state.failure !== undefined) turnedAtMs ??= nowMs();
      pausedInTask = state.paused !== undefined;
      for (const [gate, { approvals: given }] of Object.entries(state.gates)) {
        const people = new Set(given.map(({ by }) => by));
        if (people.size !== given.length) fail(`gate ${gate} counts a person twice`);
        for (const { id, by } of given)
          if (!approvals.some((said) => said.id === id && said.by === by && said.gate === gate))
            fail(`gate ${gate} counts an approval of ${by} that nobody sent`);
      }
      for (const [effect, { status }] of Object.entries(state.compensations)) {
        if (status !== 'waived') continue;
        waived.add(effect);
        if (!waivers.some((said) => said.effect === undefined || said.effect === effect))
          fail(`${effect} counts as waived, and nobody waived it`);
      }
      if (state.phase === 'Promoted' && state.failure !== undefined) fail('promoted and turned back at once');
      if (state.phase === 'Promoted' && mustNotPromote !== undefined) fail(`promoted after ${mustNotPromote}`);
    },
    onClosed(closing: Closing, state: ReleaseState): void {
      if (closing.kind === 'continued') return;
      endings += 1;
      if (endings > 1) fail('the release ended twice');
      ending = closing.kind === 'completed' ? 'Promoted' : closing.type;
      if (!['Promoted', 'RolledBack', 'Aborted', 'Refused'].includes(ending)) fail(`it ended as ${ending}`);
      if (ending !== state.phase) fail(`it ended as ${ending} and says ${state.phase}`);
      if (ending === 'Promoted') {
        if (mustNotPromote !== undefined) fail(`promoted after ${mustNotPromote}`);
        if (!isPromoteDelivered) fail('promoted without the slots changing roles');
        if (incidents === 0 && !wasLate && share !== 100) fail(`promoted with ${share} % on the new version`);
        if (world.role !== canary && !isRoleRefused) fail('promoted and the role is not recorded');
        for (const stage of exposures) if (!advanced.has(stage.id)) fail(`promoted without evidence for ${stage.id}`);
        return;
      }
      if (ending === 'Refused') {
        if (intended.size > 0) fail('refused after effects had begun');
        return;
      }
      if (ending === 'Aborted' && mustNotPromote === undefined) fail('aborted by nobody');
      if (state.snapshot === undefined) {
        if (intended.size > 0) fail('ended without a way back after effects had begun');
        return;
      }
      if (proof?.isRestored !== true && !waived.has('proof')) fail(`${ending} without a proof that held`);
      for (const key of intended) if (!undone.has(key) && !waived.has(key)) fail(`${key} was never undone`);
      for (const key of undone)
        if (!intended.has(key) && !state.journal.some(({ effect }) => effect === key))
          fail(`${key} was undone and never intended`);
      if (share > 0 && !isWaived('expose') && !wasLateSinceProof) fail(`${ending} with ${share} % on the canary`);
      if (signatureOf(world) !== before && waived.size === 0 && !wasLateSinceProof && incidents === 0)
        fail(`${ending} and the world is not as before: ${signatureOf(world)}`);
      if (world.split[baseline].state !== 'ready' && !isWaived('expose') && !wasLateSinceProof)
        fail(`${ending} with the baseline out of service`);
    },
    /** When nothing moves any more: late writers have written, repairs are done. */
    atRest(): void {
      checkEvidence();
      if (ending !== undefined && ending !== 'Promoted' && share > 0 && !isWaived('expose'))
        fail(`at rest ${share} % of the users are on a version that was ${ending}`);
    },
  };

  function checkEvidence(): void {
    const bySeq = new Map<number, string>();
    let ended = 0;
    for (const { row, evidence } of world.published) {
      // Contract and the guard of the ending have chains of their own.
      if (row.release !== firstRunId) continue;
      for (const record of evidence) {
        const text = JSON.stringify(record);
        const known = bySeq.get(record.seq);
        if (known === undefined && record.type === 'ended') ended += 1;
        if (known !== undefined && known !== text) fail(`fact ${record.seq} was told twice, differently`);
        bySeq.set(record.seq, text);
      }
    }
    if (bySeq.size === 0) return;
    if (ended !== 1) fail(`${ended} endings are in the evidence`);
    for (let seq = 1; seq <= bySeq.size; seq += 1)
      if (!bySeq.has(seq)) return fail(`fact ${seq} is missing in the evidence`);
  }
}
