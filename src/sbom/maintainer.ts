/** Who keeps a package, as Debian's control files name them (Debian Policy 5.6.2). */
export interface Maintainer {
  readonly name: string;
  /** E-mail address. */
  readonly address: string | undefined;
  /** SPDX asks whether it is a person or an organisation; Debian does not say. Teams are told by their words and their lists. */
  readonly group: boolean;
}

/** Of `NAME <ADDRESS>`; what has another form is a name. */
export function parseMaintainer(text: string): Maintainer {
  const [, given = '', written = ''] = /^([^<]*)<([^<>\s]+@[^<>\s]+)>\s*$/.exec(text) ?? [];
  const address = written === '' ? undefined : written;
  const name = (address === undefined ? text : given).trim().replace(/^"(.*)"$/, '$1') || written;
  return { name, address, group: teamWords.test(name) || teamHosts.test(written) };
}

const teamWords = /\b(?:team|maintainers?|developers?|group|project|packagers?|packaging|strike force|inc|ltd|gmbh)\b/i;
const teamHosts = /@(?:lists?\.|tracker\.debian\.org|.*googlegroups\.com)|^(?:team\+|pkg-)/i;
