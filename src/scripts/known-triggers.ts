import type { KnownScript } from './known-scripts.ts';

const desktop = 'manuals, menus and the desktop';

/**
 * Who answers the triggers of dpkg that packages pull by name or by a file in a folder (deb-triggers(5)), as far as
 * Debian's packages declare them: an effect that makes what the listener's postinst would, or nobody, because the
 * answer is of no use in a container. Listeners to others are judged by their own postinst.
 */
const triggers: readonly (readonly [name: RegExp, known: KnownScript])[] = [
  [/^(?:ldconfig|libc-upgrade)$/, { verdict: 'covered', because: 'library cache' }],
  [/^\/usr\/lib(?:32|x32|o32)$/, { verdict: 'covered', because: 'base layout' }],
  [/^\/usr\/share\/debianutils\/shells\.d$/, { verdict: 'covered', because: 'login shells' }],
  [/^update-ca-certificates(?:-fresh)?$/, { verdict: 'covered', because: 'certificates' }],
  [/^update-ca-certificates-java(?:-fresh)?$/, { verdict: 'covered', because: 'java trust store' }],
  [/^\/usr\/share\/glib-2\.0\/schemas$/, { verdict: 'covered', because: 'glib schemas' }],
  [/^\/usr\/lib\/(?:[^/]+\/)?gio\/modules$/, { verdict: 'covered', because: 'gio modules' }],
  [/^\/usr\/lib\/(?:[^/]+\/)?gdk-pixbuf-2\.0\/[^/]+\/loaders$/, { verdict: 'covered', because: 'image loaders' }],
  [/^\/usr\/share\/mime\/packages$/, { verdict: 'covered', because: 'media types' }],
  [/^\/usr\/share\/(?:fonts|texmf\/fonts|ghostscript\/fonts)$/, { verdict: 'irrelevant', because: desktop }],
  [/^\/usr\/share\/(?:icons\/.*|applications|man|info|doc-base|menu)$/, { verdict: 'irrelevant', because: desktop }],
  [/^\/usr\/lib\/mime\/packages$/, { verdict: 'irrelevant', because: desktop }],
  [/^\/usr\/lib\/(?:[^/]+\/)?gtk-[23]\.0\/[^/]+\/immodules$/, { verdict: 'irrelevant', because: desktop }],
  [
    /^(?:\/usr)?\/lib\/udev\/hwdb\.d$/,
    { verdict: 'irrelevant', because: 'the host: kernel, devices, security modules' },
  ],
  [
    /^\/usr\/lib\/(?:sysctl\.d|binfmt\.d|systemd\/catalog)$|^update-initramfs$/,
    { verdict: 'irrelevant', because: 'the host: kernel, devices, security modules' },
  ],
  [/^\/(?:etc|usr\/share)\/dbus-1\/system[-.](?:d|services)$/, { verdict: 'irrelevant', because: 'services' }],
];

export function knownTrigger(name: string): KnownScript | undefined {
  return triggers.find(([pattern]) => pattern.test(name))?.[1];
}
