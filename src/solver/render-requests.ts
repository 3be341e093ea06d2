import { capLines, capList, nameOf, orList } from './labels.ts';
import type { Conflict, LookedElsewhere } from './types.ts';

/** The lines of refusals that concern one request alone. */
export function unknownLines(conflict: Extract<Conflict, { type: 'unknown' }>): readonly string[] {
  const { request, base, foreign, nearest, elsewhere = [] } = conflict;
  if (foreign !== undefined) return [`${request}: an image for ${foreign.ours} has no package for ${foreign.asked}`];
  // A package of exactly that name is what was meant.
  const meant = elsewhere.length > 0 || nearest.length === 0 ? [] : [`  did you mean ${orList(nearest)}?`];
  const subject = base === true ? `${request}, with which every image of packages begins` : request;
  return [`${subject}: no archive has a package of that name`, ...meant, ...placeLines(conflict, '  ')];
}

/** One of them is what the user has to choose. */
const mostProviders = 15;

export function virtualLines(conflict: Extract<Conflict, { type: 'virtual' }>): readonly string[] {
  const { request, name, providers, usual, leftOut = [] } = conflict;
  const many = providers.length === 1 ? 'another package provides' : `${providers.length} packages provide`;
  const isUsual = (label: string): boolean => nameOf(label) === usual;
  const items = [
    ...providers.filter(isUsual).map((label) => `  ${label} (the usual choice)`),
    ...providers
      .filter((label) => !isUsual(label))
      .map((label) => (leftOut.includes(nameOf(label)) ? `  ${label} (left out by ${nameOf(label)}-)` : `  ${label}`)),
  ];
  const subject = request === name ? name : `${request}: ${name}`;
  return [`${subject} is not a package but a name that ${many}`, ...capLines(items, '  ', { most: mostProviders })];
}

export function versionLines(conflict: Extract<Conflict, { type: 'version' }>): readonly string[] {
  const { request, name, wanted, available } = conflict;
  const isPinned = wanted.version === undefined && wanted.suite === undefined;
  const what = [
    ...(wanted.version === undefined ? [] : [`version ${wanted.version} of`]),
    name,
    ...(wanted.suite === undefined ? [] : [`in ${wanted.suite}`]),
  ].join(' ');
  return [
    isPinned ? `${request}: pins leave no version of ${name}` : `${request}: no archive has ${what}`,
    ...capLines(
      available.map((version) => `  there is ${version}`),
      '  ',
    ),
    ...placeLines(conflict, '  '),
  ];
}

export function brokenLines(conflict: Extract<Conflict, { type: 'broken' }>): readonly string[] {
  const { request, name, version, archive, suite, because } = conflict;
  const subject = request === name ? `${name} ${version}` : `${request}: ${name} ${version}`;
  const place = [archive, suite].filter((part) => part !== '').join(' ');
  return [`${subject} cannot be installed: its stanza in ${place} cannot be read`, `  ${because}`];
}

/** Where else it is, or that nobody can tell. */
export function placeLines({ elsewhere = [], unreachable = [] }: LookedElsewhere, indent: string): readonly string[] {
  const places = elsewhere.map(({ suite, component, architecture, version, way }) => {
    return `${indent}${[suite, component].join('/')} has ${version} for ${architecture}: ${way}`;
  });
  return unreachable.length === 0
    ? places
    : [...places, `${indent}could not look in ${capList(unreachable).join('; ')}`];
}
