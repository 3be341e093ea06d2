import type { AuditScene, RawFinding } from './scene.ts';

/** Characters of a command that are looked at. */
const maxCommand = 100_000;

/** What the commands of the history did that they had better not. */
export function* history({ view }: AuditScene): Generator<RawFinding> {
  let layer = -1;
  for (const [index, { created_by: text = '', empty_layer: empty }] of (view.config?.history ?? []).entries()) {
    if (empty !== true) layer++;
    const at = { layer: empty === true || layer >= view.layers.length ? undefined : layer };
    const command = text.slice(0, maxCommand);
    const place = `step ${index + 1} of the history`;
    if (isAdd(command) && !isBase(command)) yield { rule: 'add-instruction', message: `${place} is an ADD`, ...at };
    const parts = shellOf(command)?.split(/&&|\|\||;|\n|\|/) ?? [];
    const has = (pattern: RegExp) => parts.some((part) => pattern.test(part));
    if (has(update) && !has(install)) {
      yield { rule: 'update-alone', message: `${place} fetches package lists and installs nothing`, ...at };
    }
    if (has(upgrade)) yield { rule: 'system-upgrade', message: `${place} upgrades all packages`, ...at };
  }
}

const options = '(?:\\s+-\\S+)*';
/** What may stand before a command. */
const before = '^\\s*(?:(?:[A-Za-z_]\\w*=\\S*|sudo|exec)\\s+)*';
const update = new RegExp(`${before}(?:apt|apt-get|apk|yum|dnf)${options}\\s+(?:update|makecache)\\b`);
const install = new RegExp(
  `${before}(?:apt|apt-get|apk|yum|dnf)${options}\\s+(?:install|add|upgrade|dist-upgrade|full-upgrade)\\b`,
);
const upgrade = new RegExp(`${before}(?:apt|apt-get|apk)${options}\\s+(?:upgrade|dist-upgrade|full-upgrade)\\b`);

/** As the classic builder (`#(nop) ADD file:... in /`) and BuildKit (`ADD x / # buildkit`) write it. */
function isAdd(command: string): boolean {
  return /^(?:\/bin\/sh -c )?(?:#\(nop\)\s*)?ADD\s/.test(command);
}

/** The archive of a base image can be put in by no other instruction. */
function isBase(command: string): boolean {
  return (
    /ADD file:[0-9a-f]+ in \/ ?$/.test(command) ||
    /^ADD \S*rootfs\S*\s+\/\s/.test(command) ||
    /^ADD \S+\.tar(?:\.\w+)? \/ # buildkit$/.test(command)
  );
}

function shellOf(command: string): string | undefined {
  return (
    /^(?:RUN )?(?:\|[0-9]+ .*?)?\/bin\/(?:ba|da|a)?sh(?: -\w+| pipefail)*? -\w*c (?!#\(nop\))([\s\S]*)$/.exec(
      command,
    )?.[1] ?? /^RUN ([\s\S]*)$/.exec(command)?.[1]
  );
}
