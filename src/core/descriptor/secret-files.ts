import { credentialsIn, type FoundCredential } from '../secrets/credential-shapes';
import type { BundleFile } from './bundle';
import { sortIssues, type Finding, type Issue } from './issue';
import { placeAt } from './json-place';
import { needlessException } from './rules/secrets';
import type { Descriptor } from './schema';

type Excepted = Descriptor['notSecret'];
type Files = readonly Pick<BundleFile, 'path' | 'text'>[];

/** `password 'text'` of a role, a user mapping or a foreign server. */
const sqlPassword = /\bpassword\s{1,20}(?:[eu]&?)?'[^']/gi;

const suspectsIn = (text: string): readonly FoundCredential[] => [
  ...credentialsIn(text),
  ...[...text.matchAll(sqlPassword)].map(({ index }) => ({ rule: 'sql-password', index })),
];

/** Every text in a file of the bundle that looks like a secret and is not excepted, with its place in the file. */
export function secretsInFiles(files: Files, excepted: Excepted): readonly Issue[] {
  const known = new Set(excepted.map(({ at }) => at));
  return sortIssues(
    files
      .filter(({ path }) => !known.has(path))
      .flatMap(({ path, text }) =>
        suspectsIn(text).map(({ rule, index }): Issue => ({
          code: 'secret-in-text',
          file: path,
          ...placeAt(text, index),
          path: '',
          message: `this looks like a secret (rule ${rule}), and a file of the bundle stays readable in Temporal’s history`,
          fix: 'take it out, and replace the secret if it is real, as it was written down; logins are rotated by `credentials`; a file that holds none is listed under `notSecret`',
        })),
      ),
  );
}

/** Exceptions for files in which nothing looks like a secret. */
export const needlessFiles = (files: Files, excepted: Excepted): readonly Finding[] =>
  excepted.flatMap(({ at }, index) => {
    const file = files.find(({ path }) => path === at);
    return file !== undefined && suspectsIn(file.text).length === 0 ? [needlessException(index)] : [];
  });
