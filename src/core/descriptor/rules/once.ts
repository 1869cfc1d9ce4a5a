import type { DocumentPath, Finding } from '../issue';
import type { Outline } from '../outline';

type Entry = { readonly key: string; readonly path: DocumentPath };

/** Entries whose key already stood in an earlier entry. */
function repeated(entries: readonly Entry[]): readonly { readonly entry: Entry; readonly first: number }[] {
  return entries.flatMap((entry, index) => {
    const first = entries.findIndex(({ key }) => key === entry.key);
    return first === index ? [] : [{ entry, first }];
  });
}

/** Ids name a migration or an invariant for ever. */
export function checkIds({ migrations, invariants }: Outline): readonly Finding[] {
  return [...checkIdsOf('migrations', migrations), ...checkIdsOf('invariants', invariants)];
}

function checkIdsOf(list: string, items: readonly { readonly id?: string | undefined }[]): readonly Finding[] {
  const entries = items.flatMap(({ id }, index) => (id === undefined ? [] : [{ key: id, path: [list, index, 'id'] }]));
  return repeated(entries).map(({ entry }) => ({
    code: 'id-twice',
    path: entry.path,
    message: `${JSON.stringify(entry.key)} already names another of the ${list}`,
    fix: 'give each its own id',
  }));
}

/** One release gives a flag one value. */
export function checkFlags({ flags }: Outline): readonly Finding[] {
  const entries = flags.flatMap(({ flag, target }, index) =>
    flag === undefined ? [] : [{ key: JSON.stringify([target, flag]), flag, path: ['flags', index, 'flag'] }],
  );
  return repeated(entries).map(({ entry, first }) => ({
    code: 'flag-twice',
    path: entry.path,
    message: `the flag is already set by flags[${first}], and which value would win is nowhere said`,
    fix: 'keep one of them',
  }));
}

/** One release gives a configuration key one value. */
export function checkConfiguration({ configuration }: Outline): readonly Finding[] {
  const entries = configuration.flatMap(({ target, set }, index) =>
    Object.keys(set ?? {}).map((key) => ({
      key: JSON.stringify([target, key]),
      path: ['configuration', index, 'set', key],
    })),
  );
  return repeated(entries).map(({ entry }) => ({
    code: 'configuration-key-twice',
    path: entry.path,
    at: 'key',
    message: 'an earlier entry already sets this key, and which value would win is nowhere said',
    fix: 'keep one of them',
  }));
}
