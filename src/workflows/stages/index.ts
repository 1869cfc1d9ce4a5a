import type { Stage } from '../../core/plan/stages';
import type { Run } from '../run';
import type { Watch } from '../watch';
import { runApply } from './apply';
import { runCheck } from './check';
import { runExpose } from './expose';
import { runGate } from './gate';
import { runPromote } from './promote';
import { runVerify } from './verify';

/** Runs one stage; the sentence it returns says why it is done. */
export function runStage(run: Run, stage: Stage, watch: Watch, flush: () => void): Promise<string> {
  switch (stage.kind) {
    case 'apply':
      return runApply(run, stage);
    case 'verify':
      return runVerify(run, stage);
    case 'check':
      return runCheck(run, stage);
    case 'gate':
      return runGate(run, stage, flush);
    case 'expose':
      return runExpose(run, stage, watch);
    case 'promote':
      return runPromote(run, stage);
  }
}
