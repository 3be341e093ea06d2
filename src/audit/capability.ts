/** Names by number (linux/capability.h). */
const names = [
  ...['chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap'],
  ...['linux_immutable', 'net_bind_service', 'net_broadcast', 'net_admin', 'net_raw', 'ipc_lock', 'ipc_owner'],
  ...['sys_module', 'sys_rawio', 'sys_chroot', 'sys_ptrace', 'sys_pacct', 'sys_admin', 'sys_boot', 'sys_nice'],
  ...['sys_resource', 'sys_time', 'sys_tty_config', 'mknod', 'lease', 'audit_write', 'audit_control', 'setfcap'],
  ...['mac_override', 'mac_admin', 'syslog', 'wake_alarm', 'block_suspend', 'audit_read', 'perfmon', 'bpf'],
  'checkpoint_restore',
];

const revisions: ReadonlyMap<number, { readonly words: number; readonly length: number }> = new Map([
  [1, { words: 1, length: 12 }],
  [2, { words: 2, length: 20 }],
  [3, { words: 2, length: 24 }],
]);

/**
 * The text of a `security.capability` attribute as getcap(8) prints it: `cap_net_raw=ep`, `cap_kill,cap_setuid+i`. Undefined for
 * bytes that are none (capabilities(7), "File capability extended attribute versioning").
 */
export function capabilityText(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0, true);
  const revision = revisions.get(magic >>> 24);
  if (revision === undefined || bytes.length !== revision.length) return undefined;
  const effective = (magic & 1) === 1;
  const groups = new Map<string, string[]>();
  for (let number = 0; number < revision.words * 32; number++) {
    const at = 4 + (number >>> 5) * 8;
    const has = (offset: number) => ((view.getUint32(at + offset, true) >>> (number & 31)) & 1) === 1;
    const [permitted, inheritable] = [has(0), has(4)];
    if (!permitted && !inheritable) continue;
    const flags = `${effective ? 'e' : ''}${inheritable ? 'i' : ''}${permitted ? 'p' : ''}`;
    groups.set(flags, [...(groups.get(flags) ?? []), nameOf(number)]);
  }
  if (groups.size === 0) return '=';
  const text = [...groups].map(([flags, all]) => `${all.join(',')}=${flags}`).join(' ');
  const rootId = revision.length === 24 ? view.getUint32(20, true) : 0;
  return rootId === 0 ? text : `${text} [rootid=${rootId}]`;
}

function nameOf(number: number): string {
  const name = names[number];
  return name === undefined ? String(number) : `cap_${name}`;
}
