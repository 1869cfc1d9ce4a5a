import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Slot, Slots } from '../../core/plan/effects';
import type { ConfigurationPort } from '../../ports/configuration';
import { PortError } from '../../ports/errors';
import { parseJsonObject } from '../json-object';
import { createTurns } from '../turns';
import { digestOf, hasValues, mergeDocument, readKeys } from './document';
import { parseGitAddress } from './git/address';
import { commitChange, type Author, type Change } from './git/commit';
import { readEntry, type Entry } from './git/entry';
import type { Remote } from './git/faults';
import { changeMessage, restoreMessage } from './git/message';
import { MirrorFault, openMirror, type Mirror } from './git/mirror';
import { findOwnChange } from './git/own-commits';
import { push } from './git/push';

export type ConfigurationGitOptions = {
  /** The target, as the environment names it. */
  readonly target: string;
  /** URL or path, already resolved; its credentials appear in no error. */
  readonly repository: string;
  readonly branch: string;
  readonly paths: { readonly [S in Slot]: string };
  readonly author: Author;
  readonly signingKey?: string | undefined;
  /** Longest wait for one call, in milliseconds. */
  readonly timeoutMs: number;
  /** The worker's variables, of which git gets the few that it needs. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Where the copy of the repository is made; the directory of the system for temporary files when left out. */
  readonly scratch?: string;
};

const mostPushes = 8;
const restMs = 40;

/**
 * One JSON object file a slot on a branch of a git repository. Each change is one commit on top of the branch, and its way
 * back is another one; nothing is kept here that the branch does not have. `close` removes the copy of the repository.
 * @throws PortError `Rejected` for a document that is not a JSON object and where the remote refuses; `Conflict` when others
 * pushed first again and again; `TargetUnavailable` when it does not answer within `timeoutMs`.
 */
export function createConfigurationGit(
  options: ConfigurationGitOptions,
): ConfigurationPort & { close(): Promise<void> } {
  const { target, branch, paths, author, signingKey, timeoutMs, environment, scratch = tmpdir() } = options;
  const { url, shown, authorization, redact } = parseGitAddress(options.repository, target);
  const where = `${target} (${shown})`;
  const remote: Remote = { where, url, branch, redact };
  const settings = {
    where,
    scratch,
    environment,
    ...(authorization === undefined ? {} : { options: { 'http.extraHeader': `Authorization: ${authorization}` } }),
  };
  const inTurn = createTurns();
  let mirror: Mirror | undefined;

  async function discard(): Promise<void> {
    const gone = mirror;
    mirror = undefined;
    if (gone !== undefined) await rm(gone.directory, { recursive: true, force: true });
  }

  /** A copy that is damaged or gone is made anew once: what it held is at the remote. */
  const withMirror = <T>(work: (mirror: Mirror, byMs: number) => Promise<T>): Promise<T> => {
    const byMs = Date.now() + timeoutMs;
    const once = async () => work((mirror ??= await openMirror(settings, remote, byMs)), byMs);
    return inTurn(() =>
      once()
        .catch(async (error: unknown) => {
          if (!(error instanceof MirrorFault)) throw error;
          await discard();
          return once();
        })
        .catch(async (error: unknown) => {
          if (!(error instanceof MirrorFault)) throw error;
          await discard();
          throw new PortError('TargetUnavailable', `${where}: the copy at hand cannot be used (${error.message})`);
        }),
    );
  };

  const read = (slot: Slot): Promise<Entry | undefined> =>
    withMirror(async (at, byMs) => readEntry(at, { commit: await at.fetch(byMs), path: paths[slot], byMs }, where));

  type Planned = Omit<Change, 'onto' | 'byMs'>;
  /** Commits what `plan` says on top of the branch, and plans anew whenever somebody else was faster. */
  const commit = (plan: (at: Mirror, head: string, byMs: number) => Promise<Planned | undefined>): Promise<void> =>
    withMirror(async (at, byMs) => {
      for (let attempt = 1; attempt <= mostPushes; attempt += 1) {
        const onto = await at.fetch(byMs);
        const planned = await plan(at, onto, byMs);
        if (planned === undefined) return;
        const made = await commitChange(at, { ...planned, onto, byMs }, { author, signingKey }, remote);
        if (await push(at, { commit: made, onto, byMs }, remote)) return;
        // Those who race would else meet again at the same moment.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * attempt * restMs));
      }
      throw new PortError(
        'Conflict',
        `${where}: somebody else pushed to ${branch} first, ${mostPushes} times in a row; find out who, then try again`,
      );
    });

  const subjectOf = ({ canary: slot }: Slots, release: string) => ({ target, release, slot, path: paths[slot] });
  return {
    digest: async (slot) => digestOf((await read(slot))?.bytes),
    read: async (slot, keys) => {
      const found = await read(slot);
      return readKeys(found === undefined ? {} : parseJsonObject(found.bytes, `${where}: ${paths[slot]}`), keys);
    },
    apply: (slots, set, release) =>
      commit(async (at, head, byMs) => {
        const path = paths[slots.canary];
        const source = await readEntry(at, { commit: head, path: paths[slots.baseline], byMs }, where);
        const document = `${where}: ${paths[slots.baseline]}`;
        const wanted = mergeDocument(source === undefined ? {} : parseJsonObject(source.bytes, document), set);
        const earlier = await readEntry(at, { commit: head, path, byMs }, where);
        const own = await findOwnChange(at, { head, release, path, byMs });
        if (own !== undefined && earlier?.bytes.equals(wanted) === true) return undefined;
        // Even when nothing differs: the commit keeps what the release found, should others change it.
        const mode = earlier?.mode ?? source?.mode ?? '100644';
        const message = changeMessage(subjectOf(slots, release), paths[slots.baseline], set);
        return { path, content: { mode, bytes: wanted }, message };
      }),
    restore: (slots, release) =>
      commit(async (at, head, byMs) => {
        const path = paths[slots.canary];
        const own = await findOwnChange(at, { head, release, path, byMs });
        if (own === undefined) return undefined;
        const { first, parent, others } = own;
        if (parent === undefined)
          throw new PortError(
            'Rejected',
            `${where}: the history before ${first.slice(0, 12)} is cut off; put ${path} back by hand as it was before it`,
          );
        const content = await readEntry(at, { commit: parent, path, byMs }, where);
        const isAbsent = content === undefined;
        return { path, content, message: restoreMessage(subjectOf(slots, release), { first, others, isAbsent }) };
      }),
    isApplied: async (slots, set) => hasValues((await read(slots.canary))?.bytes, set),
    close: () => inTurn(discard),
  };
}
