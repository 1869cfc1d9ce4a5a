import { PortError } from '../../src/ports/errors';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { files, gated, migrations } from '../support/shop-release';
import { waitingIn, type PromotedContract } from '../support/waiting-contract';

// A new run is suggested after so few events that every contract here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

/** How often people were told of it, by kind. */
async function toldOf(rig: Rig, id: string): Promise<readonly string[]> {
  const all = (await rig.world.store.takeOutbox(100, 0)).map(({ notification }) => notification);
  return all.filter(({ release }) => release === id).map(({ kind }) => kind);
}

test.concurrent(
  'a contract that waits for readers says so once, and asks for its approval when they are gone',
  rigs.on(async (rig) => {
    rig.world.contracts.setReport({ dependents: [{ kind: 'view', name: 'public.names' }] });
    const { id, after, contract, decide, approve, reach } = await waitingIn(rig, 'WaitingForQuiet');
    expect(after.safety?.why).toMatch(/needed by view public\.names/);
    rig.world.contracts.setReport({});
    await decide.retry();
    await approve('ada');
    await reach('Renamed');
    await decide.reject();
    expect((await contract.result()).phase).toBe('Declined');
    expect(await toldOf(rig, id)).toEqual(['held', 'gate', 'ended']);
  }),
);

test.concurrent(
  'a contract without a restore point is held in new runs, and makes one when a person asks',
  rigs.on(async (rig) => {
    rig.control.fail('contracts.keep', new PortError('Rejected', 'no space left'));
    const { id, after, contract, reach, decide } = await waitingIn(rig, 'MakingRestorePoint');
    expect(after.safety?.why).toMatch(/no space left/);
    rig.control.fail('contracts.keep', undefined);
    await decide.retry();
    expect((await reach('WaitingForApproval')).safety?.restorePoints).toHaveLength(1);
    await decide.reject();
    expect((await contract.result()).phase).toBe('Declined');
    expect(await toldOf(rig, id)).toEqual(['held', 'gate', 'ended']);
  }),
);

test.concurrent(
  'a contract that waits for the end of a release keeps its approval, and renames once after it',
  rigs.on(async (rig) => {
    const open = { ...migrations, ...gated(), version: '2.1.0' };
    let second: Started | undefined;
    const act = async ({ approve, reach }: PromotedContract): Promise<void> => {
      await reach('WaitingForApproval');
      second = await rig.start(open, files);
      await second.reach(({ gates }) => gates['go'] !== undefined, 'its gate is open');
      await approve('ada');
    };
    const { id, after, contract, decide, reach } = await waitingIn(rig, 'WaitingForRelease', { act });
    expect(after.approvals.map(({ by }) => by)).toEqual(['ada']);
    await second?.handle.signal(signals.abort, said('dee'));
    if (second !== undefined) await failureOf(second.handle.result());
    await decide.retry();
    await reach('Renamed');
    expect(rig.control.order(/^contracts\.drop$/)).toEqual([]);
    await decide.reject();
    expect((await contract.result()).phase).toBe('Declined');
    expect((await toldOf(rig, id)).filter((kind) => kind === 'held')).toHaveLength(1);
  }),
);

test.concurrent(
  'a contract between renaming and drop keeps the moment of the drop, and can still be taken back',
  rigs.on(async (rig) => {
    const act = ({ approve }: PromotedContract) => approve('ada');
    const { before, after, contract, decide } = await waitingIn(rig, 'Renamed', { act });
    expect(after.safety?.dropAtMs).toBe(before.safety?.dropAtMs);
    expect(after.approvals.map(({ by }) => by)).toEqual(['ada']);
    await decide.reject();
    const { phase, declined } = await contract.result();
    expect([phase, declined?.by]).toEqual(['Declined', 'dee']);
    expect(rig.control.order(/^contracts\.(retire|putBack|drop)$/)).toEqual(['contracts.retire', 'contracts.putBack']);
  }),
);
