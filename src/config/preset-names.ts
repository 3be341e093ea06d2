/** What `from:` may name; the presets themselves are the archive room's (a test holds that the two agree). */
export const presetNames = ['debian/bookworm', 'debian/trixie', 'debian/sid', 'ubuntu/noble', 'ubuntu/jammy'] as const;

/** The archives that they are made of, as `mirrors:` names them. */
export const presetArchives = ['debian', 'debian-security', 'ubuntu', 'ubuntu-ports'] as const;

/** Names by which the same releases go: a build names one release, so none of these moves. */
export const presetAliases: Readonly<Record<string, (typeof presetNames)[number]>> = {
  'debian/12': 'debian/bookworm',
  'debian/13': 'debian/trixie',
  'debian/unstable': 'debian/sid',
  'ubuntu/22.04': 'ubuntu/jammy',
  'ubuntu/24.04': 'ubuntu/noble',
};
