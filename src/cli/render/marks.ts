import type { VerdictValue } from '../../core/analysis/types';
import type { StageState } from '../../core/release/state';
import type { UndoStatus } from '../../core/release/undo-status';
import { span, type Span, type Tone } from './line';

export type Mark = { readonly sign: string; readonly word: string; readonly tone: Tone };

export const stageMarks: { readonly [S in StageState['state'] | 'failed' | 'paused' | 'not reached']: Mark } = {
  done: { sign: '✔', word: 'done', tone: 'good' },
  running: { sign: '◐', word: 'running', tone: 'busy' },
  paused: { sign: '⏸', word: 'paused', tone: 'busy' },
  waiting: { sign: '·', word: 'waiting', tone: 'dim' },
  failed: { sign: '✖', word: 'failed', tone: 'bad' },
  'not reached': { sign: '·', word: 'never', tone: 'dim' },
};

export const verdictMarks: { readonly [V in VerdictValue]: Mark } = {
  pass: { sign: '✔', word: 'pass', tone: 'good' },
  fail: { sign: '✖', word: 'fail', tone: 'bad' },
  inconclusive: { sign: '?', word: 'open', tone: 'busy' },
};

export const compensationMarks: { readonly [S in UndoStatus]: Mark } = {
  pending: { sign: '·', word: 'pending', tone: 'dim' },
  running: { sign: '◐', word: 'undoing', tone: 'busy' },
  verified: { sign: '✔', word: 'undone', tone: 'good' },
  stuck: { sign: '✖', word: 'stuck', tone: 'bad' },
  left: { sign: '!', word: 'left', tone: 'busy' },
  waived: { sign: '!', word: 'waived', tone: 'bad' },
  'not-needed': { sign: '·', word: 'not needed', tone: 'dim' },
};

export const signOf = ({ sign, tone }: Mark): Span => span(`${sign} `, tone);
