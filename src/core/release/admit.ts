import type { GateRule } from '../plan/stages';
import { keysAtRisk } from './data-choice';
import { dataChoices, type ChoiceMessage, type GateMessage, type PersonMessage, type StuckMessage } from './messages';
import type { ReleaseState } from './state';

/** Whether a person's message may act now; `reason` says why not and what to do. */
export type Admission = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const yes: Admission = { ok: true };
const no = (reason: string): Admission => ({ ok: false, reason });

const mostLength = { id: 200, by: 200, why: 2_000 } as const;

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim().length > 0 && value.length <= most;

/** What a stranger wrote, short enough to be kept in a refusal. */
export const shown = (text: unknown): string =>
  typeof text === 'string' ? (text.length <= 80 ? text : `${text.slice(0, 80)}…`) : 'nothing';

/** Shape first, so that a flood of rubbish costs little. */
export function admitPerson(message: unknown): Admission {
  if (typeof message !== 'object' || message === null) return no('the message is no object; send {"id","by","why"}');
  const lacks = (['id', 'by', 'why'] as const).filter(
    (key) => !(key in message) || !isText(Reflect.get(message, key), mostLength[key]),
  );
  return lacks.length === 0
    ? yes
    : no(
        `the message lacks ${lacks.join(', ')}, or it is longer than ${mostLength[lacks[0] ?? 'why']} characters; say who, why and give it an id`,
      );
}

const openGateOf = (state: ReleaseState): GateRule | undefined => {
  const stage = state.sealed?.plan.stages.find(({ id }) => id === state.stage);
  return stage?.kind === 'gate' ? stage.gate : undefined;
};

const recovers = 'it is a recovery: it goes back as soon as it has found its release';

const goingBack = (state: ReleaseState): Admission | undefined =>
  state.endedAtMs !== undefined || state.phase === 'Promoted'
    ? no(`the release has ended (${state.phase})`)
    : state.failure !== undefined
      ? no(`the release is rolling back: ${state.failure.reason}`)
      : state.isSearching === true
        ? no(recovers)
        : undefined;

/** An approval opens exactly the gate that is open now, once a person, by somebody who may. */
export function admitGate(state: ReleaseState, message: GateMessage, isApproval: boolean): Admission {
  const shape = admitPerson(message);
  if (!shape.ok) return shape;
  if (state.seenIds.includes(message.id)) return yes;
  const back = goingBack(state);
  if (back !== undefined) return back;
  const rule = openGateOf(state);
  if (rule === undefined) {
    // A stranger may send anything as a gate, and an object may not even become a key.
    return no(
      typeof message.gate === 'string' && Object.hasOwn(state.gates, message.gate)
        ? `gate ${shown(message.gate)} was decided already`
        : `no gate is open now; the release is at ${state.stage ?? 'its start'}`,
    );
  }
  if (rule.name !== message.gate) return no(`the open gate is ${rule.name}, not ${shown(message.gate)}`);
  if (rule.members !== undefined && !rule.members.includes(message.by))
    return no(
      `${shown(message.by)} is not in ${rule.from?.join(' or ') ?? 'the roles'} of gate ${rule.name}; ${rule.members.join(', ')} may decide`,
    );
  if (isApproval && !rule.requesterMayApprove && message.by === state.requestedBy)
    return no(`${message.by} started the release, and the policy wants somebody else to approve it`);
  const given = state.gates[rule.name]?.approvals ?? [];
  if (isApproval && given.some(({ by }) => by === message.by))
    return no(`${message.by} has approved gate ${rule.name} already`);
  return yes;
}

/** Why a release cannot be turned back any more; undefined while it can. */
export function tooLateToTurn({ phase, endedAtMs, failure, isSearching }: ReleaseState): string | undefined {
  if (endedAtMs !== undefined) return `it has ended (${phase})`;
  if (isSearching === true) return recovers;
  if (phase === 'Promoted') return 'it is promoted: the new version is the baseline now';
  return failure === undefined ? undefined : `it is rolling back already: ${failure.reason}`;
}

export function admitPause(state: ReleaseState, message: PersonMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  return goingBack(state) ?? (state.paused === undefined ? yes : no(`${state.paused.by} has paused it already`));
}

export function admitResume(state: ReleaseState, message: PersonMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  return goingBack(state) ?? (state.paused !== undefined ? yes : no('it is not paused'));
}

/** Keys that a retry, continue or waive means; the proof is `proof`. */
export const stuckKeys = (
  state: ReleaseState,
  message: StuckMessage,
  action: StuckAction = 'retry',
): readonly string[] =>
  Object.entries(state.compensations)
    .filter(([key, { status }]) => status === 'stuck' && (message.effect === undefined || message.effect === key))
    // A waiver would let the undos behind it take the very rows away.
    .filter(([, { cause }]) => cause === undefined || action === 'retry')
    .map(([key]) => key);

export type StuckAction = 'retry' | 'continue' | 'waive';

export function admitStuck(state: ReleaseState, message: StuckMessage, action: StuckAction = 'retry'): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  if (state.endedAtMs !== undefined) return no(`the release has ended (${state.phase})`);
  if (stuckKeys(state, message, action).length > 0) return yes;
  const [atRisk] = keysAtRisk(state, message.effect);
  if (atRisk !== undefined)
    return no(`the undo of ${atRisk} would lose data: choose what becomes of it (spillway data-choice)`);
  return no(message.effect === undefined ? 'nothing is stuck' : `${shown(message.effect)} is not stuck`);
}

/** Everybody may keep rows or ask again; only a data steward may let them go. */
export function admitChoice(state: ReleaseState, message: ChoiceMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  if (state.endedAtMs !== undefined) return no(`the release has ended (${state.phase})`);
  if (!dataChoices.includes(message.choice))
    return no(`${shown(message.choice)} is no choice; ${dataChoices.join(', ')} are`);
  if (keysAtRisk(state, message.effect).length === 0)
    return no(
      message.effect === undefined
        ? 'no undo waits for a choice about data'
        : `${shown(message.effect)} waits for no choice about data`,
    );
  const stewards = state.sealed?.plan.dataStewards ?? [];
  if (message.choice !== 'lose' || stewards.includes(message.by)) return yes;
  return no(
    stewards.length === 0
      ? 'nobody may choose lose: neither the policy has a role data-steward nor the descriptor `owners.dataSteward`'
      : `${shown(message.by)} is no data steward; ${stewards.join(', ')} may choose lose`,
  );
}
