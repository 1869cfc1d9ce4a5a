import { credentialsIn } from '../../secrets/credential-shapes';
import { suspectsIn, type Place, type Suspect } from '../../secrets/suspects';
import { pathText, type Finding } from '../issue';
import { namedFiles } from '../named-files';
import type { Outline } from '../outline';
import type { Source } from '../source';
import { textOutsideValues } from '../source-outside';

/** Where a descriptor takes whatever a team writes: there the name of a key counts, too. */
function placesOf(value: unknown, { configuration, flags, checks }: Outline): readonly Place[] {
  const free: readonly Place[] = [
    ...configuration.map(({ set }, at) => ({ value: set, path: ['configuration', at, 'set'], name: '', isFree: true })),
    ...flags.map(({ flag = '', value: wish }, at) => ({
      value: wish,
      path: ['flags', at, 'value'],
      name: flag,
      isFree: true,
    })),
    ...checks.flatMap((check, at) =>
      (['path', 'bodyContains'] as const).map((key) => ({
        value: check[key],
        path: ['checks', at, key],
        name: '',
        isFree: true,
      })),
    ),
  ];
  return [...free, { value, path: [], name: '', isFree: false }];
}

const readers = 'whoever may read Temporal’s history, the repository or the flag server could read it';

const why = ({ rule }: Pick<Suspect, 'rule'>): string => {
  if (rule === 'secret-key-name') return `the name of the key says that this is a secret (rule ${rule}): ${readers}`;
  if (rule === 'secret-pair')
    return `a name in this text says that a secret stands behind it (rule ${rule}): ${readers}`;
  return `this has the form of a credential (rule ${rule}): ${readers}`;
};

const findingOf = (suspect: Suspect): Finding => ({
  code: 'secret-in-text',
  path: suspect.path,
  message: why(suspect),
  fix: 'put the secret where the service reads it and write its reference here, `env:NAME` or `file:PATH`; replace it if it is real, as it was written down; what is no secret is listed under `notSecret`',
});

/** Comments and names of keys travel, too. */
const besideValues = (source: Source): readonly Finding[] =>
  credentialsIn(textOutsideValues(source)).map(({ rule, index }) => ({
    code: 'secret-in-text',
    path: [],
    offset: index,
    message: `a comment or a name has the form of a credential (rule ${rule}): ${readers}`,
    fix: 'take it out, and replace the credential if it is real, as it was written down',
  }));

/** A descriptor holds no secret, and whoever says that something is none says it of what looks like one. */
export function checkSecrets(source: Source, outline: Outline): readonly Finding[] {
  const told = new Map(suspectsIn(placesOf(source.value, outline)).map((each) => [pathText(each.path), each]));
  const excepted = new Set(outline.notSecret.map(({ at }) => at));
  const files = new Set(namedFiles(outline).map(({ path }) => path));
  const needless = outline.notSecret.flatMap(({ at }, index) =>
    at === undefined || told.has(at) || files.has(at) ? [] : [needlessException(index)],
  );
  const found = [...told].flatMap(([path, suspect]) => (excepted.has(path) ? [] : [findingOf(suspect)]));
  return [...found, ...besideValues(source), ...needless];
}

/** An exception that excepts nothing would cover what comes to stand at its path later. */
export const needlessException = (index: number): Finding => ({
  code: 'not-secret-needless',
  path: ['notSecret', index, 'at'],
  message: 'nothing there looks like a secret',
  fix: 'take the entry out, or write the path as the issue names it',
});
