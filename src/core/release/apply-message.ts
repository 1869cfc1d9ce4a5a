import { without } from '../without';
import type { ReleaseEvent } from './events';
import { seeId } from './see-id';
import type { GateState, ReleaseState } from './state';

/** How many refused messages are kept with their reasons; the rest are only counted. */
export const mostRefusedMessages = 100;

function withGate(state: ReleaseState, gate: string, change: (gate: GateState) => GateState): ReleaseState['gates'] {
  const found = Object.hasOwn(state.gates, gate) ? state.gates[gate] : undefined;
  return found === undefined ? state.gates : { ...state.gates, [gate]: change(found) };
}

/** The clock of the open gate stood still too. */
function withLaterDeadline(state: ReleaseState, pausedMs: number): ReleaseState['gates'] {
  const stage = state.sealed?.plan.stages.find(({ id }) => id === state.stage);
  if (stage?.kind !== 'gate') return state.gates;
  return withGate(state, stage.gate.name, (gate) => ({ ...gate, deadlineMs: gate.deadlineMs + pausedMs }));
}

/** What people, gates and machines said; undefined for an event of another kind. */
export function applyMessage(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'gate-opened':
      return {
        ...state,
        gates: {
          ...state.gates,
          [event.gate]: { openedAtMs: atMs, deadlineMs: event.deadlineMs, approvals: [], reminders: 0 },
        },
      };
    case 'gate-reminded':
      return { ...state, gates: withGate(state, event.gate, (gate) => ({ ...gate, reminders: gate.reminders + 1 })) };
    case 'approved': {
      const { id, by, why } = event;
      const gates = withGate(state, event.gate, (gate) => ({
        ...gate,
        approvals: [...gate.approvals, { id, by, why, atMs }],
      }));
      return { ...state, gates, seenIds: seeId(state, id) };
    }
    case 'rejected': {
      const { id, by, why } = event;
      const gates = withGate(state, event.gate, (gate) => ({ ...gate, rejection: { id, by, why, atMs } }));
      return { ...state, gates, seenIds: seeId(state, id) };
    }
    case 'message-refused':
      return {
        ...state,
        refusedMessageCount: state.refusedMessageCount + 1,
        refusedMessages:
          state.refusedMessages.length >= mostRefusedMessages
            ? state.refusedMessages
            : [...state.refusedMessages, { message: event.message, by: event.by, reason: event.reason, atMs }],
      };
    case 'paused': {
      const { by, why, deadlineMs } = event;
      return { ...state, paused: { by, why, sinceMs: atMs, deadlineMs }, seenIds: seeId(state, event.id) };
    }
    case 'resumed': {
      const pausedMs = state.paused === undefined ? 0 : atMs - state.paused.sinceMs;
      return {
        ...without(state, 'paused'),
        gates: withLaterDeadline(state, pausedMs),
        stagePausedMs: state.stagePausedMs + pausedMs,
        seenIds: seeId(state, event.id),
      };
    }
    default:
      return undefined;
  }
}
