import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { added, issueOf } from './issue-of';

// What is added to a good descriptor from line 7 on, or a whole text; where and what the issue is; what to do.
const rows: readonly (readonly [name: string, text: string, issue: string, fix: string])[] = [
  [
    'an anchor',
    added('noData: &a { holdFor: 1m }'),
    '7:9 anchor-refused',
    'write the value out, or quote it if it is text that begins with &',
  ],
  [
    'an alias',
    added('noData: *a'),
    '7:9 alias-refused',
    'write the value out, or quote it if it is text that begins with *',
  ],
  [
    'a tag',
    added('noData: !!str a'),
    '7:9 tag-refused',
    'take the tag out, or quote the value if it is text that begins with !',
  ],
  [
    'a custom tag',
    added('noData: !secret a'),
    '7:9 tag-refused',
    'take the tag out, or quote the value if it is text that begins with !',
  ],
  ['a directive', '%YAML 1.2\n---\nservice: a\n', '1:1 directive-refused', 'take the line out'],
  ['a second document', added('---\nservice: b'), '7:1 several-documents', 'move it to a file of its own'],
  ['a tab as indentation', added('pause:\n\tlongest: 1h'), '8:1 tab-indentation', 'indent with spaces'],
  ['a tab behind spaces', added('pause:\n  \tlongest: 1h'), '8:3 tab-indentation', 'indent with spaces'],
  ['a NUL', added('service: \u0000'), '7:10 control-character', 'save the file as plain UTF-8 text'],
  ['an escape character', added('noData: \u001b[31m'), '7:9 control-character', 'save the file as plain UTF-8 text'],
  ['a lone surrogate', added('noData: \ud800'), '7:9 control-character', 'save the file as plain UTF-8 text'],
  ['nothing', '', '1:1 file-empty', '`spillway init` writes one to start from'],
  ['only spaces', '  \n \n', '1:1 file-empty', '`spillway init` writes one to start from'],
  ['only a comment', '# nothing\n', '1:1 file-empty', '`spillway init` writes one to start from'],
  ['a bracket left open', added('stages: ['), '8:1 bracket-open', 'close the bracket'],
  ['a line that ends an open bracket', added('stages: [\nservice: b'), '8:1 bracket-open', 'close the bracket'],
  [
    'a quote left open',
    added('noData: "a'),
    '8:1 yaml-syntax',
    'add the missing colon, comma, quote, space or closing bracket',
  ],
  [
    'a wrong indentation',
    added('pause:\n    longest: 1h\n  other: 2'),
    '9:1 yaml-syntax',
    'align the line, or close the bracket or quote',
  ],
  [
    'two keys on a line',
    added('pause: longest: 1h'),
    '7:8 yaml-syntax',
    'quote the text, or begin a new, indented line',
  ],
  ['a list as a key', added('[a]: 1'), '7:1 yaml-syntax', 'write a plain word before the colon'],
  ['an unknown escape', added('noData: "\\q"'), '7:10 yaml-syntax', 'write \\\\, or use single quotes'],
  [
    'text after a quoted text',
    added('noData: "a" b'),
    '7:13 yaml-syntax',
    'look for a wrong indentation or an open bracket or quote before it',
  ],
  ['a key twice', added('service: other'), '7:1 key-twice service', 'keep one of them'],
  [
    'a nested key twice',
    added('pause: { longest: 1h, longest: 2h }'),
    '7:23 key-twice pause.longest',
    'keep one of them',
  ],
  [
    'an octal-looking number',
    added('fullExposure: { minRequests: 0123 }'),
    '7:30 number-ambiguous fullExposure.minRequests',
    'quote it if it is text, or write 123',
  ],
  [
    'a hexadecimal number',
    added('fullExposure: { minRequests: 0x10 }'),
    '7:30 number-ambiguous fullExposure.minRequests',
    'quote it if it is text, or write 16',
  ],
  [
    'an octal number',
    added('fullExposure: { minRequests: 0o17 }'),
    '7:30 number-ambiguous fullExposure.minRequests',
    'quote it if it is text, or write 15',
  ],
  [
    'a number too large',
    added('fullExposure: { minRequests: 9007199254740993 }'),
    '7:30 number-too-large fullExposure.minRequests',
    'quote it if it is text, or write a smaller number',
  ],
  [
    'infinity',
    added('fullExposure: { minRequests: .inf }'),
    '7:30 number-not-finite fullExposure.minRequests',
    'write a number',
  ],
  [
    'not a number',
    added('fullExposure: { minRequests: .nan }'),
    '7:30 number-not-finite fullExposure.minRequests',
    'write a number',
  ],
  [
    'a key into the prototype',
    added('gates: { __proto__: { approvals: 1 } }'),
    '7:10 key-refused gates.__proto__',
    'choose another name',
  ],
  [
    'a key named constructor',
    added('gates: { constructor: {} }'),
    '7:10 key-refused gates.constructor',
    'choose another name',
  ],
  ['a text alone', 'hello', '1:1 wrong-type', 'write a map of `key: value` lines'],
  ['a list alone', '- a\n- b', '1:1 wrong-type', 'write a map of `key: value` lines'],
  ['a policy', 'kind: policy\n', '1:1 wrong-file', 'name the descriptor file'],
  ['a merge key', added('pause: { <<: { longest: 1h } }'), '7:10 key-unknown pause["<<"]', 'allowed here: longest'],
];

describe('wrong YAML in a descriptor', () => {
  it.each(rows)('%s', (_name, text, issue, fix) => {
    expect(issueOf(parseDescriptor(text, 'release.yaml'))).toEqual({ issue, fix });
  });
});
