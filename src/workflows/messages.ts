import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Explanation } from '../core/release/explanation';
import {
  messageNames,
  type AbortMessage,
  type Acknowledgement,
  type ChoiceMessage,
  type DrainNotice,
  type GateMessage,
  type PersonMessage,
  type StuckMessage,
  type WatchNotice,
} from '../core/release/messages';
import type { ContractState } from '../core/release/contract-state';
import type { UndoPreview } from '../core/release/undo-losses';
import type { ReleaseState } from '../core/release/state';

export const updates = {
  approve: defineUpdate<Acknowledgement, [GateMessage]>(messageNames.approve),
  reject: defineUpdate<Acknowledgement, [GateMessage]>(messageNames.reject),
  pause: defineUpdate<Acknowledgement, [PersonMessage]>(messageNames.pause),
  resume: defineUpdate<Acknowledgement, [PersonMessage]>(messageNames.resume),
  retry: defineUpdate<Acknowledgement, [StuckMessage]>(messageNames.retry),
  continue: defineUpdate<Acknowledgement, [StuckMessage]>(messageNames.continue),
  waive: defineUpdate<Acknowledgement, [StuckMessage]>(messageNames.waive),
  chooseData: defineUpdate<Acknowledgement, [ChoiceMessage]>(messageNames.chooseData),
};

/** What an undo would lose now: the one question that needs an activity, so it has no signal. */
export const previewUndo = defineUpdate<UndoPreview, []>(messageNames.previewUndo);

/** What stands for a signal that could not be handed to its handler: its name, and why. */
export const unreadable = defineSignal<[string, string]>('unreadable');

/** The same requests as signals, for machines and the Temporal UI: a bad one is recorded and ignored. */
export const signals = {
  abort: defineSignal<[AbortMessage]>(messageNames.abort),
  watched: defineSignal<[WatchNotice | DrainNotice]>(messageNames.watched),
  approve: defineSignal<[GateMessage]>(messageNames.approve),
  reject: defineSignal<[GateMessage]>(messageNames.reject),
  pause: defineSignal<[PersonMessage]>(messageNames.pause),
  resume: defineSignal<[PersonMessage]>(messageNames.resume),
  retry: defineSignal<[StuckMessage]>(messageNames.retry),
  continue: defineSignal<[StuckMessage]>(messageNames.continue),
  waive: defineSignal<[StuckMessage]>(messageNames.waive),
  chooseData: defineSignal<[ChoiceMessage]>(messageNames.chooseData),
};

/** For the Temporal UI, and for what a memo does not show: whoever reads a release reads its memo (ADR 0018). */
export const queries = {
  state: defineQuery<ReleaseState>(messageNames.state),
  explain: defineQuery<Explanation>(messageNames.explain),
};

/** Answered by a contract workflow. */
export const contractState = defineQuery<ContractState>('state');
