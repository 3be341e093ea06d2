import * as v from 'valibot';
import { checked, described, flag, list, object, oneOrMore, text } from './schema-parts.ts';
import { priority } from './schema-pins.ts';

const url = checked(text('a URL such as https://apt.example/debian', /^https?:\/\//), checkUrl);

export const mirrorUrls = checked(oneOrMore(url, 'a URL or a list of URLs'), (urls) =>
  urls.length === 0 ? 'expected at least one URL' : undefined,
);

export const snapshotPattern = checked(
  text(
    'a URL with {timestamp} in its path, or none',
    /^(https?:\/\/[^/{}]+\/(.*\/)?\{timestamp\}(\/.*)?|none)$/,
    'for example https://snapshot.debian.org/archive/{archive}/{timestamp}',
  ),
  (value) => {
    if (value === 'none') return undefined;
    const plain = value.replaceAll('{archive}', 'debian').replaceAll('{timestamp}', '20260901T000000Z');
    const [unknown] = /\{[^{}]*\}?|\}/.exec(plain) ?? [];
    return unknown === undefined ? checkUrl(plain) : `${unknown} means nothing here\nknown: {archive}, {timestamp}`;
  },
);

export const archive = checked(
  object(
    {
      name: described(
        text('a name such as nodesource', /^[a-z0-9][a-z0-9.-]{0,62}$/),
        "A short name for messages, mirrors and papers. By default the URL's host.",
      ),
      url: v.pipe(
        oneOrMore(url, 'a URL or a list of URLs'),
        v.description('The base URL, or several of the same content, the preferred one first.'),
      ),
      suites: v.pipe(
        list(text('a suite such as stable, or ./ for a flat archive', /^[A-Za-z0-9.][A-Za-z0-9.+/_-]*$/), '[stable]'),
        v.minLength(1, 'expected at least one suite such as stable'),
        v.description('Suites or codenames; one that ends in a slash names the folder of a flat archive.'),
      ),
      components: described(
        list(text('a component such as main', /^[A-Za-z0-9][A-Za-z0-9.+/_-]*$/), '[main]'),
        'Components. By default main.',
      ),
      'signed-by': v.pipe(
        oneOrMore(text('a key file', /^[^\0\n]+$/), 'a key file or a list of key files'),
        v.description(
          "Files with the archive's OpenPGP keys (armored or binary), or names of preset keys: debian, ubuntu.",
        ),
      ),
      priority: described(
        priority(),
        "apt's priority for all packages of this archive, where no pin says otherwise. By default what its Release file makes of it, mostly 500.",
      ),
      'check-valid-until': described(flag(), 'Whether an expired Release file is refused. By default it is.'),
    },
    '{ url: https://apt.example, suites: [stable], components: [main], signed-by: ./key.asc }',
  ),
  ({ suites, components }) => {
    const flat = suites.filter((suite) => suite.endsWith('/')).length;
    if (flat === 0) return undefined;
    if (flat < suites.length || suites.length > 1)
      return 'a flat archive (a suite that ends in "/") has that one suite alone';
    return components === undefined || components.length === 0 ? undefined : 'a flat archive has no components';
  },
);

/** Secrets belong in files that are not shared, so a URL with one is refused wherever it is written. */
function checkUrl(value: string): string | undefined {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined) return `expected a URL such as https://apt.example/debian`;
  if (parsed.username !== '' || parsed.password !== '') {
    return "a user or password can't be part of the configuration\nput them in ~/.netrc or /etc/apt/auth.conf";
  }
  return parsed.search === '' && parsed.hash === '' ? undefined : 'expected a URL without "?" and "#"';
}
