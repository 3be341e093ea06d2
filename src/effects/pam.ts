import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import { type PamProfile, parsePamProfile } from './pam-profiles.ts';
import type { ScriptCall } from './script-calls.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

const profileFolder = 'usr/share/pam-configs';
const kinds = ['auth', 'account', 'password', 'session', 'session-noninteractive'] as const;

/**
 * /etc/pam.d/common-*, byte for byte as pam-auth-update(8) writes them on a first installation: libpam-runtime's
 * templates with the lines of every profile of /usr/share/pam-configs that is on by default, or that a script asks for
 * (`--enable`), less those that a script turns off; the highest priority first.
 */
export function pamCommonFiles(
  { tree, settings }: EffectInput,
  calls: readonly ScriptCall[],
): readonly GeneratedEntry[] {
  const profiles = enabledProfiles(tree, namedProfiles(calls));
  const because = 'pam-auth-update makes it of the profiles in /usr/share/pam-configs';
  return kinds.flatMap((kind) => {
    const path = `etc/pam.d/common-${kind}`;
    const template = tree.read(`usr/share/pam/common-${kind}`);
    if (template === undefined || tree.get(path) !== undefined || profiles.length === 0) return [];
    const text = fillTemplate(decodeUtf8(template), { kind, profiles });
    return [generatedFile(path, text, { rule: 'login files', because, created: settings.created })];
  });
}

/** `pam-auth-update --package --enable mkhomedir` */
function namedProfiles(calls: readonly ScriptCall[]): ReadonlyMap<string, boolean> {
  const named = new Map<string, boolean>();
  for (const { words } of calls) {
    if (words[0] !== 'pam-auth-update') continue;
    let option = '';
    for (const word of words.slice(1)) {
      if (word.startsWith('--')) option = word;
      else if (option === '--enable') named.set(word, true);
      else if (option === '--disable' || option === '--remove') named.set(word, false);
    }
  }
  return named;
}

function enabledProfiles(tree: EffectInput['tree'], named: ReadonlyMap<string, boolean>): readonly PamProfile[] {
  const profiles = [...tree.below(profileFolder)].flatMap((path) => {
    const name = path.slice(profileFolder.length + 1);
    const bytes = tree.read(path);
    if (bytes === undefined || name.includes('/') || name.endsWith('~') || /^#.+#$/.test(name)) return [];
    const profile = parsePamProfile(name, decodeUtf8(bytes));
    return (named.get(name) ?? profile.fields.get('Default') === 'yes') ? [profile] : [];
  });
  // The names of one priority: backwards.
  profiles.sort((a, b) => b.priority - a.priority || compareStrings(b.name, a.name));
  const removed = new Set<string>();
  for (const { name, conflicts } of profiles) {
    if (!removed.has(name)) for (const conflict of conflicts) if (conflict !== name) removed.add(conflict);
  }
  return profiles.filter(({ name }) => !removed.has(name));
}

const markers = {
  primary: '# here are the per-package modules (the "Primary" block)',
  fallback: "# here's the fallback if no module succeeds",
  additional: '# and here are more per-package modules (the "Additional" block)',
  end: '# end of pam-auth-update config',
};

interface Filling {
  readonly kind: string;
  readonly profiles: readonly PamProfile[];
}

function fillTemplate(template: string, filling: Filling): string {
  const lines: string[] = [];
  /** What ends the block whose old lines are passed over. */
  let until: string | undefined;
  for (const line of template.split('\n')) {
    if (until !== undefined && !line.startsWith(until)) continue;
    until = undefined;
    lines.push(line);
    if (line.startsWith(markers.primary)) {
      lines.push(...block('Primary', filling));
      until = markers.fallback;
    } else if (line.startsWith(markers.additional)) {
      lines.push(...block('Additional', filling));
      until = markers.end;
    }
  }
  return lines.join('\n');
}

function block(part: 'Primary' | 'Additional', { kind, profiles }: Filling): readonly string[] {
  const type = kind.replace(/-noninteractive$/, '');
  const field = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  const own = profiles.filter(({ fields }) => fields.get(`${field}-Type`) === part);
  const modules = own.flatMap(({ fields }, at) => {
    const text = (at === 0 && fields.get(`${field}-Initial`)) || fields.get(field) || '';
    return text.split(/\n+/).filter((line) => line !== '');
  });
  if (part === 'Primary' && modules.length === 0) return [`${type}\t[default=1]\t\t\tpam_permit.so`];
  // Jumps lead behind the block; in the additional one, which nothing follows, to its last line.
  const count = part === 'Additional' ? modules.length - 1 : modules.length;
  return modules.map((line, at) => `${type}\t${moduleLine(line, count - at)}`);
}

/** `[success=end default=ignore] pam_unix.so nullok`: `end` is the number of lines to jump over. */
function moduleLine(line: string, jump: number): string {
  const match = /^((?:\[[^\]]+\]|\w+)\s+\S+)\s*(.*)/.exec(line);
  const [, module = line, options = ''] = match ?? [];
  return `${module.replaceAll('end', String(jump))} ${options.split(/\s+/).join(' ')}`;
}
