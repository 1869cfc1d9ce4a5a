import { decideApply, decideUndo } from '../../../src/adapters/migrations/ledger';
import type { MigrateEffect } from '../../../src/ports/migrations';
import type { World } from '../world';
import { isRevoke, stepLogin } from './logins';
import { change, Fault, Stopped, type Doing, type Input, type Models, type Steps } from './model';

const migrationOf = ({ sealed }: Input): MigrateEffect => sealed.effect as MigrateEffect;

function note(world: World, effect: MigrateEffect, release: string, isUndone: boolean): void {
  const { key, migration, part, apply } = effect;
  world.ledger.set(key, {
    migration,
    part,
    checksum: apply.sha256,
    release,
    isApplied: true,
    isUndone,
    batches: 0,
    rows: 0,
  });
}

function* applyPart(doing: Doing, input: Input): Steps {
  const effect = migrationOf(input);
  const release = input.permit.seal.firstRunId;
  yield 'database';
  if (decideApply(doing.world.ledger.get(effect.key), effect, release) !== 'skip')
    change(doing, `apply ${effect.key}`, () => note(doing.world, effect, release, false));
  yield 'database';
  return `${effect.key} applied`;
}

/** Where the old form of each part is. */
function* mark(doing: Doing, input: Input, what: 'renamed' | 'dropped' | 'put back'): Steps {
  const effect = migrationOf(input);
  yield 'database';
  change(doing, `${what} ${effect.key}`, () =>
    note(doing.world, effect, input.permit.seal.firstRunId, what === 'put back'),
  );
  yield 'database';
  return what;
}

/** What happens to the data, by the ledger of the real code. */
export const migrations: Models = {
  *migrate(doing, input) {
    return yield* applyPart(doing, input);
  },
  *backfill(doing, input) {
    for (let batch = 0; batch < 2; batch += 1) {
      if (doing.isCancelled()) throw new Stopped();
      yield* applyPart(doing, input);
    }
    return 'filled';
  },
  *findReaders(_doing, { sealed }) {
    yield 'database';
    // Nobody uses the old login in these releases; what stands against it has tests of its own.
    if (isRevoke(sealed)) return { removes: ['login'], dependents: [], readers: [], unlisted: 0, quietMs: 0 };
    return { removes: ['public.orders.name'], dependents: [], readers: [], unlisted: 0, quietMs: 0 };
  },
  *takeRestorePoint(_doing, { sealed }) {
    yield 'database';
    if (isRevoke(sealed)) return [];
    return [{ kind: 'copy', name: 'orders__name', of: 'public.orders.name', rows: 1, takenAt: '', tookMs: 1 }];
  },
  *renameOldForm(doing, input) {
    if (isRevoke(input.sealed)) return yield* stepLogin(doing, input, ['close', 'open', 'closed']);
    return yield* applyPart(doing, input);
  },
  *putOldFormBack(doing, input) {
    if (isRevoke(input.sealed)) return yield* stepLogin(doing, input, ['reopen', 'closed', 'open']);
    return yield* mark(doing, input, 'put back');
  },
  *dropOldForm(doing, input) {
    if (isRevoke(input.sealed)) return yield* stepLogin(doing, input, ['revoke', 'closed', 'revoked']);
    return yield* mark(doing, input, 'dropped');
  },
  *verifyData(doing) {
    yield 'database';
    if (doing.fails('data')) throw new Fault('CheckFailed', 'the data is wrong', false);
    return 'right';
  },
  *undoMigration(doing, input) {
    const { world } = doing;
    const effect = migrationOf(input);
    const release = input.permit.seal.firstRunId;
    if (!input.onlyVerify) {
      yield 'database';
      const decision = decideUndo(world.ledger.get(effect.key), release);
      if (decision !== 'skip') change(doing, `unapply ${effect.key}`, () => note(world, effect, release, true));
    }
    yield 'database';
    if (world.ledger.get(effect.key)?.isUndone !== true) throw new Fault('NotConverged', 'still applied', true);
    return 'undone';
  },
};
