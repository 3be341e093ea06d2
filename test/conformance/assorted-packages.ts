/**
 * Packages of Debian's main whose data.tar has something in it that goes wrong easily, and what dpkg would do with the
 * paths that they fight over: written down by hand from the packages' own scripts and control files.
 */

/** `by` says dpkg-divert for these paths (as they are after /usr merging); everybody else's file goes to `to`. */
export interface ExpectedDiversion {
  readonly by: string;
  readonly from: string;
  readonly to: string;
}

/** A file in two packages: `winner` Replaces `loser`. */
export interface ExpectedReplacement {
  readonly path: string;
  readonly winner: string;
  readonly loser: string;
}

export interface AssortedSuite {
  readonly codename: 'bookworm' | 'trixie';
  /** Name -> why it is here. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages of the earlier suite that are installed as files: names. */
  readonly carriedOver: readonly string[];
  readonly diversions: readonly ExpectedDiversion[];
  readonly replacements: readonly ExpectedReplacement[];
  /** Packaged paths whose mode or owner scripts change; nothing else of them may differ. */
  readonly changedByScripts: readonly string[];
  /** What scripts make, beside what `generatedPaths` of the test has. */
  readonly madeByScripts: readonly RegExp[];
  /** Seconds since the epoch that `created:` says; undefined: the newest file's time. */
  readonly created: number | undefined;
  /** Of the layer that the tar: output is read back from. */
  readonly compression: 'gzip' | 'zstd';
}

export const bookworm: AssortedSuite = {
  codename: 'bookworm',
  packages: {
    '7zip': 'its /usr/bin/7zz is another package of trixie, which Replaces it; installed there as a file',
    at: "owner daemon by name, set-user-id, a sticky folder, a group that root's file has",
    'base-files': 'folders /bin, /lib and /sbin that become links, var/local 2775 of staff, sticky folders',
    'base-passwd': 'the master files by which owners are looked up',
    'binutils-multiarch': 'diverts eleven programs through a shell function; its documentation folder is a link',
    'binutils-x86-64-linux-gnu': 'its programs are diverted; its documentation folder is a link',
    bsdgames: 'fifteen set-group-id programs in /usr/games',
    bzip2: 'programs in /bin, links from one name to another',
    'ca-certificates': 'a file name that is not ASCII, the source of a generated bundle',
    dash: 'a script that diverts and takes back in functions that no install calls: /bin/sh stays',
    e2fsprogs: 'many programs in /sbin, links among them, a conffile',
    gzip: 'a hard link in /bin; six of its programs are diverted',
    inn2: 'owner news by name, set-group-id, hundreds of paths',
    'isc-dhcp-client': 'its /sbin/dhclient is diverted',
    'isc-dhcp-client-ddns': 'diverts with a call that is written out',
    libc6: 'libraries in /lib, the loader in /lib64, links across both',
    'libc6-i386': 'folder /lib32 and a loader in /lib that is an absolute link into it',
    littler: 'a link that r-cran-littler has too',
    login: 'programs in /bin; its /etc/login.defs is another package of trixie, which Replaces it',
    lpr: 'seven programs set-user-id or set-group-id, folders and files of lp',
    mailman3: 'owner list by name, paths beyond 100 bytes',
    'man-db': "a folder of man's, user and group with different numbers",
    'molly-guard': 'diverts /sbin/halt and others in a loop over names, into /lib',
    mount: 'two set-user-id programs in /bin',
    passwd: 'set-group-id shadow, set-user-id root, in one package',
    'perl-base': 'a hard link between two programs of 4 MB',
    postfix: 'hard links in /usr/lib, scripts that take diversions back',
    'r-cran-littler': 'Replaces littler; the link inside the documentation folder of another package is in both',
    sudo: 'set-user-id root, files 0440, a folder 0750',
    systemd: '358 paths below /lib, hundreds of links, empty folders',
    'systemd-sysv': 'its programs in /sbin are diverted by molly-guard; links that leave their folder',
    udev: 'paths below /lib that other packages have in /usr/lib',
    unzip: 'a hard link in /usr/bin',
    'util-linux': 'programs in /bin, /sbin and /usr/bin of one package, su set-user-id',
    'vim-runtime': 'diverts two files of vim-tiny through a shell function; 2,000 paths',
    'vim-tiny': 'its help file and its tags are diverted',
    zutils: 'diverts programs and manuals in a loop over names',
  },
  carriedOver: [],
  diversions: [
    ...['addr2line', 'ar', 'gprof', 'nm', 'objcopy', 'objdump', 'ranlib', 'readelf', 'size', 'strings', 'strip'].map(
      (name) => diverted('binutils-multiarch', `usr/bin/x86_64-linux-gnu-${name}`, '.single'),
    ),
    { by: 'isc-dhcp-client-ddns', from: 'usr/sbin/dhclient', to: 'usr/sbin/dhclient-noddns' },
    ...['halt', 'poweroff', 'reboot', 'shutdown'].map((name) => ({
      by: 'molly-guard',
      from: `usr/sbin/${name}`,
      to: `usr/lib/molly-guard/${name}`,
    })),
    ...['help.txt', 'tags'].map((name) => diverted('vim-runtime', `usr/share/vim/vim90/doc/${name}`, '.vim-tiny')),
    ...['zcat', 'zcmp', 'zdiff', 'zegrep', 'zfgrep', 'zgrep'].map((name) =>
      diverted('zutils', `usr/bin/${name}`, '.gzip'),
    ),
  ],
  replacements: [{ path: 'usr/share/doc/littler/examples', winner: 'r-cran-littler', loser: 'littler' }],
  changedByScripts: ['etc/sudoers', 'usr/sbin/postdrop', 'usr/sbin/postqueue', 'var/lib/postfix'],
  madeByScripts: [
    /^etc\/(aliases|postfix\/(main|master)\.cf(\.proto)?|postfix\/makedefs\.out|postfix\/sasl\/smtpd?\.conf)$/,
    /^usr\/(bin\/(editor|ex|pager|rview|vi|view)|games\/adventure)$/,
    /^usr\/local(\/share(\/ca-certificates)?)?$/,
    /^var\/(mail|spool\/mail|lib\/man-db\/auto-update|spool\/cron\/atjobs\/\.SEQ)$/,
    /^var\/spool\/postfix\/[a-z]+$/,
    /^var\/games\/bsdgames\/((hack|phantasia)\/)?[a-z_.-]+$/,
  ],
  created: undefined,
  compression: 'gzip',
};

export const trixie: AssortedSuite = {
  codename: 'trixie',
  packages: {
    '7zip-standalone': 'Replaces the 7zip of bookworm: the same program, another content',
    apache2: 'owners www-data:www-data and root:adm by name',
    'base-files': 'the links of merged /usr, here as entries of a package',
    'base-passwd': 'the master files by which owners are looked up',
    dash: 'a diversion that only an upgrade takes back',
    'exim4-daemon-light': 'a set-user-id program of many names',
    'golang-github-openshift-api-dev': 'a thousand paths beyond 100 bytes',
    gzip: 'diverts for another package, only while that is upgraded; six of its programs are diverted',
    'isc-dhcp-client': 'a protective diversion in the name of another package that it takes back',
    'isc-dhcp-client-ddns': 'diverts one program at its old and its new path, takes the old one back',
    libc6: 'a protective diversion of the loader that no longer has a meaning',
    'libpam-modules': 'set-group-id shadow, a library folder with many files',
    'login.defs': 'Replaces the login of bookworm: the same conffile, another content',
    lpr: 'seven programs set-user-id or set-group-id, folders and files of lp',
    mailman3: 'owner list by name, 1,800 paths',
    'molly-guard': 'diverts programs in a loop with conditions, each at two paths, one of them protective',
    mount: 'two set-user-id programs',
    'ncurses-term': 'terminal descriptions: thousands of small files and links',
    'nethack-common': 'a set-group-id program of games, folders and files of games below /var',
    'node-babel7': 'paths beyond 100 bytes with @ and ~ in them',
    nvi: 'one program by three names that are hard links of each other',
    'openssh-client': 'set-group-id of a group that has no fixed number',
    'openssh-server': 'diverts its own program, only while it is upgraded; its documentation folder is a link',
    passwd: 'set-group-id shadow, set-user-id root, in one package',
    'perl-base': 'a hard link between two programs of 4 MB',
    'python3-azure-cli': '4,300 paths, many beyond 155 bytes, which is what the first field for a long name holds',
    sudo: 'set-user-id root, files 0440, a folder 0750',
    'systemd-sysv': 'its programs are diverted by molly-guard',
    tzdata: 'hundreds of files and links with the same contents',
    'tzdata-legacy': 'hundreds of links into another package',
    'util-linux': 'programs of many folders, su set-user-id',
    'util-linux-extra': 'protective diversions that no longer have a meaning',
    'vim-runtime': 'diverts two files of vim-tiny through a shell function; 2,400 paths',
    'vim-tiny': 'its help file and its tags are diverted',
    zutils: 'diverts programs in a loop with conditions, each at two paths, one of them protective',
  },
  carriedOver: ['7zip', 'login'],
  diversions: [
    { by: 'isc-dhcp-client-ddns', from: 'usr/sbin/dhclient', to: 'usr/sbin/dhclient-noddns' },
    ...['halt', 'poweroff', 'reboot', 'shutdown'].map((name) =>
      diverted('molly-guard', `usr/sbin/${name}`, '.no-molly-guard'),
    ),
    ...['help.txt', 'tags'].map((name) => diverted('vim-runtime', `usr/share/vim/vim91/doc/${name}`, '.vim-tiny')),
    ...['zcat', 'zcmp', 'zdiff', 'zegrep', 'zfgrep', 'zgrep'].map((name) =>
      diverted('zutils', `usr/bin/${name}`, '.gzip'),
    ),
  ],
  replacements: [
    { path: 'etc/login.defs', winner: 'login.defs', loser: 'login' },
    { path: 'usr/bin/7zz', winner: '7zip-standalone', loser: '7zip' },
  ],
  // Between the times of these packages: many files are newer, and have to take this time.
  changedByScripts: ['etc/sudoers', 'usr/bin/ssh-agent'],
  madeByScripts: [
    /^etc\/apache2\/(conf|mods|sites)-enabled\/[a-z0-9_-]+\.(conf|load)$/,
    /^etc\/(environment|localtime|security\/opasswd|ssh\/sshd_config)$/,
    /^usr\/bin\/(babeljs(-external-helpers|-node|-parser)?|editor|ex|pager|rview|vi|view)$/,
    /^var\/(mail|spool\/mail)$/,
    /^var\/games\/nethack\/[a-z]+$/,
  ],
  created: Date.UTC(2025, 0, 1) / 1000,
  compression: 'zstd',
};

function diverted(by: string, from: string, suffix: string): ExpectedDiversion {
  return { by, from, to: `${from}${suffix}` };
}
