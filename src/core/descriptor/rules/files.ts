import type { Finding } from '../issue';
import { namedFiles } from '../named-files';
import type { Outline } from '../outline';

type Words = Pick<Finding, 'code' | 'message' | 'fix'>;

/** What makes a path unfit to name a file of a bundle, or undefined when it is fit. */
function refusePath(path: string): Words | undefined {
  const beside = 'write it relative to the descriptor, with plain slashes, such as db/001.sql';
  if (/^(?:[/\\~]|[A-Za-z]:)/.test(path)) {
    return {
      code: 'path-absolute',
      message: 'the path is absolute, and a bundle goes to another machine',
      fix: beside,
    };
  }
  const parts = path.split(/[/\\]/);
  if (parts.includes('..')) {
    return {
      code: 'path-escapes',
      message: 'the path leaves the folder of the descriptor',
      fix: 'put the file beside or below the descriptor',
    };
  }
  const isPlain = !path.includes('\\') && parts.every((part) => part !== '' && part !== '.') && !/\p{C}/u.test(path);
  return isPlain
    ? undefined
    : { code: 'path-not-plain', message: 'the path could be written more simply', fix: beside };
}

/** Files stand below the descriptor and are named in one way. */
export function checkPaths(outline: Outline): readonly Finding[] {
  return namedFiles(outline).flatMap(({ path, namedAt }) => {
    const words = path === '' ? undefined : refusePath(path);
    return words === undefined ? [] : [{ ...words, path: namedAt }];
  });
}
