/** What `from:` may name; the presets themselves are the archive room's. */
export const presetNames = ['debian/bookworm', 'debian/trixie', 'debian/sid', 'ubuntu/noble', 'ubuntu/jammy'] as const;
