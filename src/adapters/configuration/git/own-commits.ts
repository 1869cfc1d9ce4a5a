import type { Mirror } from './mirror';
import { trailerNames, trailerText } from './message';

/** What a release did to a document since it last put it back. */
export type OwnChange = {
  /** Its first commit, and what was there before. */
  readonly first: string;
  readonly parent: string | undefined;
  /** Commits of others that touched the document since then, the newest first, as `abc1234 author: subject`. */
  readonly others: readonly string[];
};

export type Sought = { readonly head: string; readonly release: string; readonly path: string; readonly byMs: number };

type Found = { readonly commit: string; readonly parent: string | undefined; readonly isRestore: boolean };

/** The change of the release that stands at `head`, or undefined: nothing was done, or all of it was put back. */
export async function findOwnChange(mirror: Mirror, sought: Sought): Promise<OwnChange | undefined> {
  const commits = await ownCommits(mirror, sought);
  const end = commits.findIndex(({ isRestore }) => isRestore);
  const standing = end < 0 ? commits : commits.slice(0, end);
  const first = standing.at(-1);
  if (first === undefined) return undefined;
  const own = new Set(standing.map(({ commit }) => commit));
  return { first: first.commit, parent: first.parent, others: await commitsSince(mirror, first.commit, own, sought) };
}

/** Newest first: a parent never comes before its child, whatever the clocks said. */
async function ownCommits(mirror: Mirror, { head, release, path, byMs }: Sought): Promise<readonly Found[]> {
  const trailer = (name: string) => `%(trailers:key=${name},valueonly,separator=%x0a)%x00`;
  const fields = [trailerNames.release, trailerNames.path, trailerNames.restores].map(trailer).join('');
  const wanted = `${trailerNames.release}: ${trailerText(release)}`;
  const args = ['log', '-z', '--topo-order', '--fixed-strings', `--grep=${wanted}`, `--format=%H %P%x00${fields}`];
  const text = (await mirror.local([...args, head, '--'], { byMs })).toString();
  const found: Found[] = [];
  const values = text.split('\0');
  // Four fields and what ends a record.
  for (let at = 0; at + 4 <= values.length; at += 5) {
    const [ids = '', ofRelease, ofPath, restores = ''] = values.slice(at, at + 4);
    const [commit = '', parent] = ids.trim().split(' ');
    if (ofRelease?.trim() !== trailerText(release) || ofPath?.trim() !== trailerText(path)) continue;
    found.push({ commit, parent, isRestore: restores.trim() !== '' });
  }
  return found;
}

async function commitsSince(mirror: Mirror, first: string, own: ReadonlySet<string>, { head, path, byMs }: Sought) {
  const range = ['log', '-z', '--topo-order', '--format=%H%x00%h %an: %s', `${first}..${head}`, '--', path];
  const values = (await mirror.local(range, { byMs })).toString().split('\0');
  const others: string[] = [];
  for (let at = 0; at + 2 <= values.length; at += 2) {
    const [commit = '', line = ''] = values.slice(at, at + 2);
    if (!own.has(commit)) others.push(line);
  }
  return others;
}
