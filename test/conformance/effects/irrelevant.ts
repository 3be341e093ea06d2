import type { ListedPath } from './types.ts';

/** Paths that an installation leaves and an image has no use for, or that slimimage leaves out by what docs/effects.md says. */
export interface IrrelevantClass {
  readonly name: string;
  readonly because: string;
  readonly paths: RegExp;
  /** Links to these count too, wherever they are. */
  readonly targets?: RegExp;
  /** Only where slimimage has no such path; where it has one, the two are compared. */
  readonly whereMissing?: boolean;
  /** Undefined: of any type. */
  readonly types?: readonly ListedPath['type'][];
}

/** The whole list: what no line of it matches is compared. It speaks of generated paths only, never of packaged ones. */
export const irrelevantClasses: readonly IrrelevantClass[] = [
  {
    name: "dpkg's database",
    because: 'replaced by status.d, the form that scanners read where no dpkg is used',
    paths: /^var\/lib\/dpkg\/(?!alternatives(?:\/|$))|^var\/backups\/|^etc\/dpkg\/origins\/default$/,
  },
  {
    name: "apt's state",
    because: 'indexes, locks and the sources of the machine that installed',
    paths: /^(?:var\/(?:lib|cache|log)\/apt|etc\/apt)(?:\/|$)/,
  },
  {
    name: "debconf's answers",
    because: 'questions are asked where packages are installed',
    paths: /^var\/(?:cache|lib)\/debconf\/|^etc\/debconf\.conf\.d(?:\/|$)/,
  },
  { name: "ucf's state", because: 'read at the next upgrade of a package alone', paths: /^var\/lib\/ucf(?:\/|$)/ },
  {
    name: "state of update programs' own",
    because: 'read at the next upgrade of a package alone',
    paths:
      /^var\/lib\/(?:pam|dictionaries-common|python|emacsen-common|usrmerge|php\/modules)\/|^var\/lib\/shells\.state$/,
  },
  {
    name: 'logs',
    because: 'an image has no past; folders for logs are compared',
    paths: /^var\/log\//,
    types: ['file', 'symlink'],
  },
  {
    name: 'units that are enabled',
    because: 'no service manager runs in a container',
    paths:
      /^(?:etc\/systemd|var\/lib\/systemd|etc\/rc[0-6S]\.d|etc\/init)(?:\/|$)|^etc\/(?:inittab|\.updated)$|^var\/\.updated$/,
  },
  {
    name: 'database clusters',
    because: 'a server makes its data when it first starts, not when its program is packed',
    paths: /^(?:etc|var\/lib)\/postgresql\/\d+(?:\/|$)|^var\/lib\/(?:mysql|ldap)\//,
  },
  {
    name: 'locale of logins',
    because: 'an image has LANG in env: and more locales by locales:',
    paths: /^etc\/(?:locale\.(?:gen|conf)|default\/locale)$/,
  },
  {
    name: "systemd's own folders",
    because: 'its journal, machines and private folders are of no use where it does not run',
    paths: /^var\/(?:lib|cache|log)\/(?:private|journal|machines|portables)$|^root\/\.ssh$/,
  },
  {
    name: 'caches',
    because: 'they begin empty; folders for them are compared',
    paths: /^var\/cache\//,
    types: ['file'],
  },
  {
    name: 'message of the day',
    because: 'made where a program of the image shows it',
    paths: /^etc\/motd$/,
    whereMissing: true,
  },
  { name: 'devices', because: 'the engine makes them', paths: /^dev\// },
  {
    name: 'names of the machine',
    because: 'engines mount them over the image',
    paths: /^etc\/(?:hostname|hosts|resolv\.conf|mtab)$/,
  },
  { name: 'file systems of the machine', because: 'a container mounts none of its own', paths: /^etc\/fstab$/ },
  {
    name: 'identities and keys',
    because: 'one that many containers share is none, and a private key in an image is a leak',
    paths:
      /^etc\/(?:machine-id|adjtime|ssh\/ssh_host_.*|ssl\/certs\/ssl-cert-snakeoil\.pem|ssl\/private\/.*|iscsi\/initiatorname\.iscsi)$|^var\/lib\/dbus(?:\/machine-id)?$/,
    targets: /^ssl-cert-snakeoil\.pem$/,
  },
  {
    name: 'passwords',
    because: 'no password opens any account of an image, so there is no shadow file',
    paths: /^etc\/g?shadow$|^etc\/security\/opasswd$/,
  },
  { name: 'subordinate ids', because: 'for containers in the container', paths: /^etc\/sub[ug]id$/ },
  {
    name: 'copies and locks of tables',
    because: 'of the programs that wrote them',
    paths:
      /^etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$|^etc\/\.pwd\.lock$|^(?:etc\/(?:xml|sgml)|var\/lib\/(?:sgml-base|xml-core))\/[^/]+\.old$/,
  },
  {
    name: 'byte code of Python',
    because: 'made on request (bytecode: true), with a stamp of its own kind',
    paths: /(?:^|\/)__pycache__(?:\/|$)|\.py[co]$/,
  },
  { name: 'index of the manual', because: 'for apropos and whatis', paths: /^var\/cache\/man(?:\/|$)/ },
  { name: 'index of info files', because: 'for info', paths: /^usr\/share\/info\/dir(?:\.old)?$/ },
  {
    name: 'cache of fonts',
    because: 'fontconfig makes it where it may',
    paths: /^var\/cache\/fontconfig(?:\/|$)|(?:^|\/)\.uuid$/,
  },
  {
    name: 'index of X fonts',
    because: 'for X servers; programs find fonts by fontconfig',
    paths: /^usr\/share\/fonts\/X11\/[^/]+\/(?:fonts\.(?:alias|dir|scale)|encodings\.dir)$/,
  },
  { name: "cache of ldconfig's own", because: 'for the next ldconfig', paths: /^var\/cache\/ldconfig(?:\/|$)/ },
  {
    name: 'kernel, devices, console',
    because: "the host's: no udev, AppArmor, binfmt_misc or keyboard is a container's own",
    paths: /^(?:etc|usr\/lib)\/udev\/hwdb\.bin$|^etc\/apparmor\.d\/|^var\/lib\/binfmts\/|^etc\/vconsole\.conf$/,
  },
  {
    name: 'empty folders for people',
    because: 'for what is installed by hand, and for mail: made where a package of the image delivers some',
    paths:
      /^(?:media|mnt|opt|srv|etc\/opt|var\/opt|var\/mail|var\/spool\/mail|usr\/local(?:\/(?:bin|etc|games|include|lib|libexec|man|sbin|share|src))?|usr\/local\/share\/(?:man|fonts|(?:sgml|xml)(?:\/[a-z]+)?))$/,
    types: ['directory', 'symlink'],
  },
  {
    name: 'account of images',
    because: 'every image has nonroot and its home',
    paths: /^home\/nonroot$/,
  },
  { name: 'run-time folders', because: 'empty at every start', paths: /^(?:run|tmp|proc|sys)(?:\/|$)/ },
];

/** @param isMade whether slimimage has the path. */
export function irrelevantClassOf(
  { path, type, target = '' }: ListedPath,
  isMade: boolean,
): IrrelevantClass | undefined {
  return irrelevantClasses.find(
    ({ paths, targets, types, whereMissing = false }) =>
      !(whereMissing && isMade) && (targets?.test(target) || (paths.test(path) && (types?.includes(type) ?? true))),
  );
}
