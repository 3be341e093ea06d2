/** A file of /usr/share/pam-configs. */
export interface PamProfile {
  readonly name: string;
  readonly priority: number;
  readonly conflicts: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Reads a profile as parse_pam_profile of pam-auth-update does: `Field: text`, further lines trimmed and joined with
 * line breaks, `-Final` of old profiles dropped; what is not only for interactive sessions counts for the others too.
 */
export function parsePamProfile(name: string, text: string): PamProfile {
  const fields = new Map<string, string>();
  const conflicts: string[] = [];
  let field = '';
  for (const line of text.split('\n')) {
    const head = /^(\S+):(?:\s+(.*))?$/.exec(line);
    if (head !== null) {
      field = (head[1] as string).replace(/-Final$/, '');
      if (field === 'Conflicts') conflicts.push(...(head[2] ?? '').split(/,\s*/));
      else fields.set(field, head[2] ?? '');
    } else if (line.trim() !== '') {
      fields.set(field, `${fields.get(field) ?? ''}\n${line.trim()}`.replace(/^\s+/, ''));
    }
  }
  if (!fields.has('Session-Interactive-Only')) {
    for (const part of ['', '-Type', '-Initial']) {
      const value = fields.get(`Session${part}`);
      if (value !== undefined) fields.set(`Session-noninteractive${part}`, value);
    }
  }
  const priority = Number(fields.get('Priority')?.trim() ?? 0);
  return { name, priority: Number.isFinite(priority) ? priority : 0, conflicts, fields };
}
