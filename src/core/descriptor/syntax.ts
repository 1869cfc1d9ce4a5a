import type { ErrorCode } from 'yaml';
import { tabRefusal } from './guard';
import type { Issue } from './issue';

type Words = Pick<Issue, 'code' | 'message' | 'fix'>;

const words: { readonly [code in ErrorCode]?: readonly [message: string, fix: string] } = {
  BAD_COLLECTION_TYPE: ['a list stands where a map should, or the other way round', 'mend the indentation'],
  BAD_DQ_ESCAPE: ['the backslash begins no known escape', 'write \\\\, or use single quotes'],
  BAD_INDENT: [
    'the indentation differs from the lines around it, or something before it is still open',
    'align the line, or close the bracket or quote',
  ],
  BAD_SCALAR_START: ['text may not begin with this character', 'quote the text'],
  BLOCK_AS_IMPLICIT_KEY: ['a second `key:` stands on one line', 'quote the text, or begin a new, indented line'],
  BLOCK_IN_FLOW: ['indented lines stand inside brackets', 'write them with commas, or take the brackets away'],
  KEY_OVER_1024_CHARS: ['the key is longer than 1,024 characters', 'write a shorter key'],
  MISSING_CHAR: ['a character is missing', 'add the missing colon, comma, quote, space or closing bracket'],
  MULTILINE_IMPLICIT_KEY: ['the key goes over more than one line', 'add the missing colon, or indent the line'],
  NON_STRING_KEY: ['a key must be text', 'write a plain word before the colon'],
  UNEXPECTED_TOKEN: ['this does not belong here', 'look for a wrong indentation or an open bracket or quote before it'],
  RESOURCE_EXHAUSTION: ['this part is too deep to read', 'write it with less nesting'],
};

/** A complaint of the YAML parser in our words; its own text is not used because it quotes the file. */
export function syntaxWords(code: ErrorCode): Words {
  if (code === 'TAB_AS_INDENT') return tabRefusal;
  const [message, fix] = words[code] ?? ['this is not YAML', 'compare with the file that `spillway init` writes'];
  return { code: 'yaml-syntax', message, fix };
}
