import { baseName } from '../rootfs/path.ts';
import { capabilityText } from './capability.ts';
import { type AuditedFile, type AuditScene, namesOf, placeOf, type RawFinding } from './scene.ts';

/** Programs whose rights Debian's own packages raise, and how, by base name: known, and still worth knowing. */
const raisedByDebian: Readonly<Record<'setuid-file' | 'setgid-file' | 'file-capabilities', ReadonlySet<string>>> = {
  'setuid-file': new Set([
    ...['su', 'mount', 'umount', 'passwd', 'chsh', 'chfn', 'gpasswd', 'newgrp', 'newuidmap', 'newgidmap', 'at', 'ping'],
    ...[
      'ping4',
      'ping6',
      'arping',
      'fping',
      'mtr-packet',
      'traceroute6.iputils',
      'ssh-keysign',
      'fusermount',
      'fusermount3',
    ],
    ...['dbus-daemon-launch-helper', 'ntfs-3g', 'polkit-agent-helper-1', 'bwrap', 'Xorg.wrap', 'pppd', 'exim4'],
    ...['mount.nfs', 'mount.cifs', 'auth_pam_tool'],
  ]),
  'setgid-file': new Set([
    ...['chage', 'expiry', 'unix_chkpwd', 'pam_extrausers_chkpwd', 'wall', 'write', 'write.ul', 'bsd-write', 'crontab'],
    ...['at', 'dotlockfile', 'mlocate', 'plocate', 'ssh-agent', 'utempter', 'screen', 'postdrop', 'postqueue'],
    ...['camel-lock-helper-1.2', 'Xorg.wrap'],
  ]),
  'file-capabilities': new Set([
    ...[
      'ping',
      'ping4',
      'ping6',
      'arping',
      'clockdiff',
      'fping',
      'mtr-packet',
      'gst-ptp-helper',
      'traceroute6.iputils',
    ],
    ...['newuidmap', 'newgidmap'],
  ]),
};

/** Set-user-id, set-group-id, capabilities, permissions for everybody, devices. */
export function* specialBits(scene: AuditScene): Generator<RawFinding> {
  for (const file of scene.files) {
    const { entry } = file.node;
    if (entry.type === 'file') yield* raisedRights(scene, file);
    if (entry.type === 'character' || entry.type === 'block') yield device(scene, file);
    if (entry.type === 'file' && (entry.mode & 0o002) !== 0) {
      const message = `everybody may write ${namesOf(file)} (mode ${octal(entry.mode)})`;
      yield { rule: 'world-writable-file', message, ...placeOf(scene, file.node) };
    }
  }
  for (const folder of [scene.view.rootfs.root, ...scene.folders]) {
    const { mode, path } = folder.entry;
    if ((mode & 0o1002) !== 0o002) continue;
    const message = `everybody may write the folder /${path} (mode ${octal(mode)}), without the sticky bit`;
    yield { rule: 'world-writable-folder', message, ...placeOf(scene, folder) };
  }
}

function* raisedRights(scene: AuditScene, file: AuditedFile): Generator<RawFinding> {
  const { node } = file;
  const { mode, uid, gid, xattrs } = node.entry;
  const isSetUid = (mode & 0o4000) !== 0 && (mode & 0o111) !== 0;
  // Without the group's execute bit it asked for mandatory locking, which Linux gave up.
  const isSetGid = (mode & 0o2010) === 0o2010;
  const capability = xattrs?.get('security.capability');
  // Nearly every file ends here: whose it is has not been looked up yet.
  if (!isSetUid && !isSetGid && capability === undefined) return;
  const place = placeOf(scene, node);
  const isPackaged = scene.shipped.hasContent(node) && scene.shipped.isUntouched(node);
  const levelOf = (rule: keyof typeof raisedByDebian) =>
    isPackaged && raisedByDebian[rule].has(baseName(node.entry.path)) ? ('info' as const) : undefined;
  if (isSetUid) {
    const message = `${namesOf(file)} runs as its owner, uid ${uid} (mode ${octal(mode)})`;
    yield { rule: 'setuid-file', level: levelOf('setuid-file'), message, ...place };
  }
  if (isSetGid) {
    const message = `${namesOf(file)} runs with its group, gid ${gid} (mode ${octal(mode)})`;
    yield { rule: 'setgid-file', level: levelOf('setgid-file'), message, ...place };
  }
  if (capability === undefined) return;
  const text = capabilityText(capability) ?? 'bytes that no kernel would read';
  const message = `${namesOf(file)} has ${text}`;
  yield { rule: 'file-capabilities', level: levelOf('file-capabilities'), message, ...place };
}

function device(scene: AuditScene, file: AuditedFile): RawFinding {
  const { type, deviceMajor = 0, deviceMinor = 0, mode } = file.node.entry;
  const kind = `${type} device ${deviceMajor}:${deviceMinor}`;
  const message = `/${file.node.entry.path} is the ${kind} (mode ${octal(mode)})`;
  // What engines make in every container anyway (runc's default devices), and base images of debootstrap have.
  const level = type === 'character' && harmless.has(`${deviceMajor}:${deviceMinor}`) ? ('info' as const) : undefined;
  return { rule: 'device-node', level, message, ...placeOf(scene, file.node) };
}

/** null, zero, full, random, urandom, tty, console, ptmx. */
const harmless = new Set(['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1', '5:2']);

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
