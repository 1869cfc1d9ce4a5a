import { z } from 'zod';
import type { DocumentPath, Finding } from './issue';
import { chooseBranch } from './schema-branch';
import { branchesOf, descriptionOf, isSecret, keysOf, schemaAt, valueAt } from './schema-at';
import { exampleLine, hasExample } from './example-line';
import { kindOf, shownText, wantedKind } from './schema-words';
import { didYouMean } from './suggest';

export type SchemaIssue = z.core.$ZodIssue;

/** A document with the schema it was held against. */
export type Held = {
  readonly schema: unknown;
  readonly value: unknown;
  /** The place of `value` in the whole document. */
  readonly base: DocumentPath;
};

/** zod's issues in our words, with the closest branch of every union. */
export function schemaFindings(issues: readonly SchemaIssue[], held: Held): readonly Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, held));
}

function findingsOf(issue: SchemaIssue, held: Held): readonly Finding[] {
  const below: DocumentPath = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const path = [...held.base, ...below];
  const value = valueAt(held.value, below);
  const schema = schemaAt(held.schema, below, held.value);
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, keysOf(schema));
  if (issue.code === 'invalid_key') {
    const fix = issue.issues[0]?.message ?? 'choose another name';
    return [{ code: 'name-malformed', path, at: 'key', message: `${shownText(path.at(-1))} is no name here`, fix }];
  }
  if (value === undefined) return [missing(path, schema)];
  if (issue.code === 'invalid_union') return unionFindings(issue, { schema, value, base: path });
  const unquoted =
    issue.code === 'invalid_type' && issue.expected === 'string' ? unquotedWords(value, schema) : undefined;
  if (unquoted !== undefined) return [{ ...unquoted, path }];
  if (value === null && hasExample(path)) {
    return [
      { code: 'wrong-type', path, message: 'there is nothing behind the key', fix: `write ${exampleLine(path)}` },
    ];
  }
  return [{ ...wordsOf(issue, { value, shown: isSecret(schema) ? 'this' : shownText(value) }), path }];
}

function unknownKeys(keys: readonly string[], path: DocumentPath, allowed: readonly string[]): readonly Finding[] {
  return keys.map((key) => ({
    code: 'key-unknown',
    path: [...path, key],
    at: 'key',
    message: 'there is no such key here',
    fix: didYouMean(key, allowed),
  }));
}

function missing(path: DocumentPath, schema: unknown): Finding {
  const description = descriptionOf(schema);
  return {
    code: 'key-missing',
    path,
    message: `it is missing${description === undefined ? '' : `: ${description}`}`,
    fix: `add ${exampleLine(path)}`,
  };
}

function unionFindings(issue: Extract<SchemaIssue, { code: 'invalid_union' }>, held: Held): readonly Finding[] {
  if (issue.errors.length === 0) {
    const options = 'options' in issue && issue.options !== undefined ? issue.options.map(String) : [];
    return [{ ...unknownWord(held.value, options), path: held.base }];
  }
  const branch = chooseBranch(issue.errors);
  if (branch.kind === 'none') return [{ ...wrongType(held.value, branch.wanted), path: held.base }];
  return schemaFindings(branch.issues, { ...held, schema: branchesOf(held.schema)[branch.index] });
}

type Words = Pick<Finding, 'code' | 'message' | 'fix'>;

function wordsOf(issue: SchemaIssue, { value, shown }: { readonly value: unknown; readonly shown: string }): Words {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(value, [wantedKind(issue.expected)]);
    case 'invalid_value':
      return unknownWord(value, issue.values.map(String));
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, shown);
    case 'invalid_format':
    case 'custom':
      return { code: 'text-malformed', message: `${shown} has not the form it needs`, fix: issue.message };
    default:
      return { code: 'not-accepted', message: 'this is not accepted here', fix: issue.message };
  }
}

/** What to do about a number or boolean that stands for a text; quoting helps only if the text would then be right. */
function unquotedWords(value: unknown, schema: unknown): Words | undefined {
  if ((typeof value !== 'number' && typeof value !== 'boolean') || !(schema instanceof z.ZodType)) return undefined;
  const quoted = schema.safeParse(String(value));
  if (quoted.success) return undefined;
  const fix = quoted.error.issues[0]?.message ?? 'write text';
  const shown = isSecret(schema) ? 'this' : String(value);
  return { code: 'text-malformed', message: `${shown} has not the form it needs`, fix };
}

function wrongType(value: unknown, wanted: readonly string[]): Words {
  const isFraction = wanted.includes('a whole number') && typeof value === 'number';
  const found = isFraction ? 'a fraction' : kindOf(value);
  const expected = wanted.join(', or ');
  if (wanted.includes('text') && ['a number', 'true or false'].includes(found)) {
    return { code: 'text-not-quoted', message: `text is expected, and this reads as ${found}`, fix: 'quote it' };
  }
  const message = `${expected} is expected, and this is ${found}`;
  const isNumberInQuotes = wanted.includes('a number') && typeof value === 'string' && /^\s*[\d.]+\s*%?$/.test(value);
  if (isNumberInQuotes) return { code: 'wrong-type', message, fix: `write ${value.replace(/[\s%]/g, '')}` };
  if (value === null) return { code: 'wrong-type', message, fix: `write ${expected}, or take the key out` };
  return { code: 'wrong-type', message, fix: `write ${expected}` };
}

function unknownWord(value: unknown, allowed: readonly string[]): Words {
  const [only, ...others] = allowed;
  if (others.length === 0 && only !== undefined) {
    return { code: 'word-unknown', message: `${shownText(value)} is not known here`, fix: `write ${only}` };
  }
  const fix = didYouMean(typeof value === 'string' ? value : '', allowed);
  return { code: 'word-unknown', message: `${shownText(value)} is not known here`, fix };
}

function outOfRange(issue: Extract<SchemaIssue, { code: 'too_small' | 'too_big' }>, shown: string): Words {
  const isSmall = issue.code === 'too_small';
  const bound = Number(isSmall ? issue.minimum : issue.maximum).toLocaleString('en-US');
  const relation = isSmall
    ? issue.inclusive === false
      ? 'above'
      : 'at least'
    : issue.inclusive === false
      ? 'below'
      : 'at most';
  if (issue.origin === 'string') {
    if (isSmall) return { code: 'text-empty', message: 'the text is empty', fix: 'write it' };
    return { code: 'text-too-long', message: `the text is longer than ${bound} characters`, fix: 'shorten it' };
  }
  if (issue.origin === 'array') {
    if (isSmall) return { code: 'list-too-short', message: 'the list is too short', fix: `list ${relation} ${bound}` };
    return {
      code: 'list-too-long',
      message: `the list has more than ${bound} items`,
      fix: `list ${relation} ${bound}`,
    };
  }
  return {
    code: 'number-out-of-range',
    message: `${shown} is out of range`,
    fix: `write a number ${relation} ${bound}`,
  };
}
