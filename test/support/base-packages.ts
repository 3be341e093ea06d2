import type { DebRecipe } from './deb-maker.ts';

/** What a system begins with: the root layout, and the account of root. */
export const basePackages: readonly DebRecipe[] = [
  { name: 'base-files', files: { '/etc/debian_version': '13' } },
  {
    name: 'base-passwd',
    files: {
      '/usr/share/base-passwd/passwd.master': 'root:*:0:0:root:/root:/bin/bash\n',
      '/usr/share/base-passwd/group.master': 'root:*:0:\n',
    },
  },
];
