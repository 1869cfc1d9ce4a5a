import { ApplicationFailure } from '@temporalio/common';
import { nameOpenRelease } from '../core/contract/open-release';
import type { QuietReport } from '../core/contract/quiet';
import type { RestorePoint } from '../core/contract/restore-point';
import { releaseWorkflowId } from '../core/release/messages';
import type { Permit } from '../core/plan/plan';
import type { ReconcileRule } from '../core/plan/reconcile';
import { lossText } from '../core/release/undo-losses';
import type { OldForm, UnfilledRows } from '../ports/contract';
import { PortError } from '../ports/errors';
import type { MigrateEffect } from '../ports/migrations';
import { keepAlive } from './keep-alive';
import { isOldLogin, openOldLogin } from './old-login';
import { isStillOpen } from './open-releases';
import { openEffect } from './permit';
import type { Ports } from './ports';
import type { TrafficInput } from './traffic';
import { keepKeys, mayLose, mostShownKeys, sayOutgrown } from './undo-losses';

export type PutBackInput = TrafficInput & {
  /** How this migration compares old and new form. */
  readonly rules?: readonly ReconcileRule[];
  /** Who accepted that rows written meanwhile have no old form, and how many were found then. */
  readonly lose?: { readonly by: string; readonly why: string; readonly rows?: number };
};

/** A look at a login is compared with the one before it, which the caller keeps. */
export type FindReadersInput = TrafficInput & { readonly before?: QuietReport };

/** Like an undo that would lose rows: people choose, and all keys are beside the evidence. */
async function wouldLose(
  ports: Ports,
  of: {
    readonly permit: Permit;
    readonly effect: MigrateEffect;
    readonly unfilled: readonly UnfilledRows[];
    readonly outgrown: string;
  },
): Promise<ApplicationFailure> {
  const { permit, effect, unfilled, outgrown } = of;
  const losses = unfilled.map(({ of: place, rows, keys }) => ({ of: place, rows, keys: [...keys] }));
  const where = await keepKeys(ports, permit, { effect: effect.key, losses });
  const lost = unfilled.map(
    ({ of: place, rows, keys }) => `${lossText(rows, keys.slice(0, mostShownKeys))} in ${place}`,
  );
  return ApplicationFailure.nonRetryable(
    `undo-would-lose-data: written while it was renamed and without a true old form would be ${lost.join(', ')} at ${effect.target}${outgrown}; nothing was ` +
      `given back, ${where}. Mend the rows and choose retry, or choose lose`,
    'UndoWouldLoseData',
    { rows: unfilled.reduce((all, { rows }) => all + rows, 0) },
  );
}

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
    findReaders: (input: FindReadersInput): Promise<QuietReport> =>
      keepAlive(() => {
        if (isOldLogin(input)) return openOldLogin(ports, input).look(input.before);
        const { effect, release, contracts } = open(input);
        return contracts.look(effect, release);
      }),

    /** Makes a restore point and restores from it beside the original. */
    takeRestorePoint: (input: TrafficInput): Promise<readonly RestorePoint[]> =>
      keepAlive(async () => {
        // A password is kept by whoever manages secrets.
        if (isOldLogin(input)) return [];
        const { effect, release, contracts } = open(input);
        return contracts.keep(effect, release);
      }),

    /** Gives the old form another name and runs the contract file on stand-ins. */
    renameOldForm: (input: TrafficInput): Promise<string> =>
      keepAlive(async () => {
        if (isOldLogin(input)) return openOldLogin(ports, input).close();
        const { effect, release, contracts } = open(input);
        await retireAlone({ effect, release, contracts });
        await readBack(input, ['renamed', 'dropped']);
        return `${effect.apply.path} ran; what it removes is renamed`;
      }),

    /** Gives the old form its name back. */
    putOldFormBack: (input: PutBackInput): Promise<string> =>
      keepAlive(async () => {
        if (isOldLogin(input)) return openOldLogin(ports, input).reopen();
        const { effect, release, contracts } = open(input);
        const { rules = [], lose } = input;
        const isSteward = lose !== undefined && mayLose(ports, lose.by);
        const acceptedRows = isSteward ? (lose.rows ?? Infinity) : 0;
        const { notes, unfilled } = await contracts.putBack(effect, release, { rules, acceptedRows });
        const outgrown = isSteward ? sayOutgrown(lose) : '';
        if (unfilled !== undefined) throw await wouldLose(ports, { permit: input.permit, effect, unfilled, outgrown });
        await readBack(input, ['present']);
        return ['the old form has its name back', ...notes].join('; ');
      }),

    /** Drops what was renamed; there is no way back from here. */
    dropOldForm: (input: TrafficInput): Promise<string> =>
      keepAlive(async () => {
        if (isOldLogin(input)) return openOldLogin(ports, input).revoke();
        const { effect, release, contracts } = open(input);
        await contracts.drop(effect, release);
        await readBack(input, ['dropped']);
        return `${effect.apply.path} applied; what it removes is dropped`;
      }),
  };
};
