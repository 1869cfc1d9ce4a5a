import { ApplicationFailure } from '@temporalio/common';
import { nameOpenRelease } from '../core/contract/open-release';
import type { QuietReport } from '../core/contract/quiet';
import type { RestorePoint } from '../core/contract/restore-point';
import { releaseWorkflowId } from '../core/release/messages';
import type { OldForm } from '../ports/contract';
import { PortError } from '../ports/errors';
import { keepAlive } from './keep-alive';
import { isStillOpen } from './open-releases';
import { openEffect } from './permit';
import type { Ports } from './ports';
import type { TrafficInput } from './traffic';

/** Takes the old form away, in steps of which all but the last can be taken back. */
export const createContractActivities = (ports: Ports) => {
  const open = ({ permit, sealed }: TrafficInput) => {
    const effect = openEffect(ports, permit, sealed, 'migrate');
    return { effect, release: permit.seal.firstRunId, contracts: ports.contracts(effect.target) };
  };
  const readBack = async (input: TrafficInput, wanted: readonly OldForm[]): Promise<OldForm> => {
    const { effect, release, contracts } = open(input);
    const form = await contracts.oldForm(effect, release);
    if (wanted.includes(form)) return form;
    throw new PortError(
      'NotConverged',
      `${effect.target}: the old form of ${effect.key} is ${form}; it is tried again.`,
    );
  };
  const retireAlone = async ({ effect, release, contracts }: ReturnType<typeof open>): Promise<void> => {
    const entered = await contracts.retire(effect, release);
    if (entered.length === 0) return;
    const own = releaseWorkflowId(ports.environment.name, '');
    // What another environment runs nobody here can ask about.
    const ours = entered.filter(({ workflowId }) => workflowId.startsWith(own));
    const isOpen = await Promise.all(ours.map((each) => isStillOpen(ports, each)));
    const open = ours.filter((_each, at) => isOpen[at]);
    const over = entered.filter((each) => !open.includes(each)).map((each) => each.release);
    const waitsFor = open.length > 0 ? open : await contracts.retire(effect, release, over);
    if (waitsFor.length === 0) return;
    throw ApplicationFailure.nonRetryable(
      `${effect.target}: ${waitsFor.map(nameOpenRelease).join(', ')} has its snapshot there and would find the schema changed ` +
        'if it had to go back; its end is waited for',
      'ReleaseOpen',
    );
  };
  return {
    /** Who still needs the old form. */
    findReaders: (input: TrafficInput): Promise<QuietReport> =>
      keepAlive(() => {
        const { effect, release, contracts } = open(input);
        return contracts.look(effect, release);
      }),

    /** Makes a restore point and restores from it beside the original. */
    takeRestorePoint: (input: TrafficInput): Promise<readonly RestorePoint[]> =>
      keepAlive(() => {
        const { effect, release, contracts } = open(input);
        return contracts.keep(effect, release);
      }),

    /** Gives the old form another name and runs the contract file on stand-ins. */
    renameOldForm: (input: TrafficInput): Promise<string> =>
      keepAlive(async () => {
        const { effect, release, contracts } = open(input);
        await retireAlone({ effect, release, contracts });
        await readBack(input, ['renamed', 'dropped']);
        return `${effect.apply.path} ran; what it removes is renamed`;
      }),

    /** Gives the old form its name back. */
    putOldFormBack: (input: TrafficInput): Promise<string> =>
      keepAlive(async () => {
        const { effect, release, contracts } = open(input);
        const { notes } = await contracts.putBack(effect, release);
        await readBack(input, ['present']);
        return ['the old form has its name back', ...notes].join('; ');
      }),

    /** Drops what was renamed; there is no way back from here. */
    dropOldForm: (input: TrafficInput): Promise<string> =>
      keepAlive(async () => {
        const { effect, release, contracts } = open(input);
        await contracts.drop(effect, release);
        await readBack(input, ['dropped']);
        return `${effect.apply.path} applied; what it removes is dropped`;
      }),
  };
};
