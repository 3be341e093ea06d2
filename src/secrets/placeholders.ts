/**
 * Whether a value stands for a secret without being one: a variable, a word of a manual, a row of stars.
 * @param value at most some hundred characters
 */
export function isPlaceholder(value: string): boolean {
  return variable.test(value) || word.test(value) || repeated.test(value) || known.has(value.toLowerCase());
}

/**
 * The same of what stands where secrets stand and nothing else, as in `.netrc`: a password there may be `test`, and `Pa$$w0rd`.
 * @param value at most some hundred characters
 */
export function isStandIn(value: string): boolean {
  return expanded.test(value) || manual.test(value);
}

const expanded = /^\$[{(A-Za-z_]|\$[{(]|\$[A-Z_]{3}|\{\{|^%|^@\w+@$|^<|>$|^\[|\*{2}|\.\.\./;
const manual = /^x{3,}$|example|change[-_ ]?me|placeholder|dummy|redacted|your[-_]|^my[-_]/i;

/** `${X}`, `$X`, `$(x)`, `{{x}}`, `<x>`, `[x]`, `%x%`, `%(x)s`, `%s`, `@X@`, `__X__` */
const variable = /\$[{(A-Za-z_]|\{\{|\{[\w.]*\}|^<.*>?$|^\[.*\]?$|^%|%[sd(]|^@\w+@$|^__|^&lt;|\.\.\./;

const word = new RegExp(
  [
    ...[
      'example',
      'sample',
      'change[-_ ]?(?:me|it|this)',
      'placeholder',
      'dummy',
      'fake',
      'redacted',
      'removed',
      'masked',
    ],
    ...[
      'your[-_ ]?\\w',
      '^my[-_ ]',
      'insert',
      'replace',
      'todo',
      'fixme',
      'foo',
      'bar(?:baz)?$',
      'lorem',
      'not[-_ ]?(?:a|the)[-_ ]',
    ],
    ...['secret', 'passw', 'token', 'test', 'demo', 'default', 'user(?:name)?$', 'undefined', 'xyzzy', 'hunter2?$'],
    ...['^1234', '12345678', '87654321', '01234567', 'abcdefg', 'qwerty', 'deadbeef'],
  ].join('|'),
  'i',
);

const repeated = /(.)\1{5}|^(.)\2*$|x{3}|\*{2}|#{3}|•|_{4}/i;

const known = new Set([
  'null',
  'none',
  'nil',
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  '',
  'string',
  'pass',
  'pw',
  'prompt',
]);
