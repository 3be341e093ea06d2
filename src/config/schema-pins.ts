import * as v from 'valibot';
import { compileExpression } from '../solver/expression.ts';
import { checked, choice, described, integer, object, oneOrMore, parsedBy, text } from './schema-parts.ts';
import { parsePin, pinNameForm } from './values/pin.ts';

const form = 'expected NAME=VERSION, NAME/SUITE, or a map such as { packages: nginx, suite: trixie-backports }';

/** One entry of `pins:`, a record of apt's preferences. */
export const pin = v.union(
  [
    parsedBy(text('a pin'), parsePin),
    checked(
      object(
        {
          packages: described(
            oneOrMore(
              expression('the name of a package, src:NAME, a glob, or /a regular expression/', pinNameForm),
              'a name or a list of names',
            ),
            'Names, globs, /regular expressions/ or src:NAME. By default, or with "*", every package.',
          ),
          version: described(
            expression('a version such as 1.26*', /^[^\s,]{1,255}$/),
            'Versions of the packages: 1.26.3-3, or 1.26* for what begins like that. From any archive.',
          ),
          suite: described(suite(), 'A suite by name or codename, such as trixie-backports.'),
          release: described(
            checked(
              object(
                {
                  suite: described(field('stable-backports'), 'The field Suite.'),
                  codename: described(field('trixie-backports'), 'The field Codename.'),
                  version: described(field('13*'), 'The field Version.'),
                  origin: described(field('Debian'), 'The field Origin.'),
                  label: described(field('Debian-Security'), 'The field Label.'),
                  component: described(field('main'), 'The component.'),
                },
                '{ origin: Debian, codename: trixie }',
              ),
              (release) =>
                Object.keys(release).length > 0
                  ? undefined
                  : 'expected at least one field\nfor example { label: Debian }',
            ),
            'Fields of the Release file, all of which have to fit.',
          ),
          archive: described(
            text('the name of an archive such as debian', /^[a-z0-9][a-z0-9.-]{0,62}$/),
            'An archive by the name that it has in archives or mirrors.',
          ),
          priority: described(
            v.union([priority(), choice(['never'])], 'expected a priority from -32767 to 32767, or never'),
            "apt's priority: the highest wins, 500 is usual, below 0 is never chosen, and never is below whatever other pins say. By default 1001 with version, else 990.",
          ),
        },
        '{ packages: nginx, suite: trixie-backports }',
      ),
      problemOf,
    ),
  ],
  form,
);

const matches = ['version', 'suite', 'release', 'archive'] as const;

function problemOf(raw: Readonly<Record<string, unknown>>): string | undefined {
  const given = matches.filter((key) => raw[key] !== undefined);
  if (given.length === 0) return `expected one of ${matches.join(', ')}\n${form.replace('expected ', 'forms: ')}`;
  if (given.length > 1) return `${given.join(' and ')} can't be together\none of them a pin`;
  const isGeneral = ['*', ''].includes(String(raw['packages'] ?? '*'));
  // apt passes over such records.
  if (isGeneral && raw['version'] !== undefined) {
    return 'a pin by version names its packages\nfor example { packages: nginx, version: 1.26* }';
  }
  if (isGeneral || raw['priority'] !== 'never') return undefined;
  return '"never" is for pins of every package\nfor packages by name: priority: -1';
}

/** apt's range; 0 is no priority there either. */
export function priority() {
  return checked(integer('a priority', -32767, 32767), notZero);
}

function notZero(value: number): string | undefined {
  return value === 0
    ? 'a priority of 0 means nothing\nbelow 0 is never chosen, 1 only where nothing else is'
    : undefined;
}

function suite() {
  return field('trixie-backports', 'a suite such as trixie-backports');
}

function field(example: string, what = `text such as ${example}`) {
  return expression(what, /^[^\0\n,=]{1,255}$/);
}

function expression(what: string, pattern: RegExp) {
  return parsedBy(text(what, pattern), compileExpression);
}
