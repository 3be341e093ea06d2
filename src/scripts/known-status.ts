import { evaluateTest, not, or } from './conditions.ts';
import type { FirstInstall } from './first-install.ts';
import { isKnown, type Tri } from './state.ts';

/** The exit status that a command has at a first installation, as far as it is known without running it. */
export function knownStatus(words: readonly string[], system: FirstInstall): Tri {
  const [name = '', ...rest] = words;
  const base = name.slice(name.lastIndexOf('/') + 1);
  switch (base) {
    case 'true':
    case ':':
    case 'echo':
    case 'printf':
    case 'db_get':
    case 'db_set':
    case 'db_version':
    case 'db_stop':
      return true;
    case 'false':
      return false;
    case 'test':
      return evaluateTest(rest, system);
    case '[':
      return evaluateTest(rest.at(-1) === ']' ? rest.slice(0, -1) : rest, system);
    case 'which':
    case 'type':
    case 'hash':
      return hasPrograms(rest, system);
    case 'command':
      return /^-[vV]$/.test(rest[0] ?? '') ? hasPrograms(rest, system) : undefined;
    case 'getent':
      return getent(rest, system);
    case 'id': {
      const user = rest.find((word) => !word.startsWith('-'));
      return user === undefined ? true : system.account('user', user);
    }
    case 'grep':
    case 'egrep':
      return grepAccounts(rest, system);
    case 'dpkg':
      return rest[0] === '--compare-versions' ? compareVersions(rest.slice(1)) : undefined;
    case 'dpkg-maintscript-helper':
      return rest[0] === 'supports' ? true : undefined;
    case 'dpkg-statoverride':
      return rest.includes('--list') ? overridden(rest, system) : undefined;
    // No service manager runs while an image is made.
    case 'systemctl':
    case 'invoke-rc.d':
      return rest.some((word) => ['is-active', 'is-enabled', 'is-system-running', 'status'].includes(word))
        ? false
        : undefined;
    case 'ischroot':
    case 'runlevel':
      return undefined;
    case 'pidof':
    case 'pgrep':
      return false;
    default:
      return undefined;
  }
}

/**
 * `dpkg --compare-versions VERSION OPERATOR VERSION` where one is empty, as it is at a first installation: dpkg(1).
 * The order of two others is nobody's business here.
 */
function compareVersions([left = '', operator = '', right = '']: readonly string[]): Tri {
  if (!isKnown(left + right)) return undefined;
  if (left === right) return ['eq', 'le', 'ge', 'le-nl', 'ge-nl', '=', '<=', '>='].includes(operator);
  if (left !== '' && right !== '') return undefined;
  const emptyIsLater = operator.endsWith('-nl');
  const less = (left === '') !== emptyIsLater;
  if (operator === 'ne') return true;
  if (operator === 'eq' || operator === '=') return false;
  return /^(l|<)/.test(operator) ? less : !less;
}

function hasPrograms(words: readonly string[], system: FirstInstall): Tri {
  const names = words.filter((word) => !word.startsWith('-'));
  return names.length === 0
    ? undefined
    : names.map((name) => system.hasProgram(name)).reduce((a, b) => not(or(not(a), not(b))));
}

function getent([database, ...keys]: readonly string[], system: FirstInstall): Tri {
  const key = keys.find((word) => !word.startsWith('-'));
  if (key === undefined) return undefined;
  if (database === 'passwd' || database === 'shadow') return system.account('user', key);
  if (database === 'group' || database === 'gshadow') return system.account('group', key);
  return undefined;
}

/** `grep -q '^name:' /etc/passwd` */
function grepAccounts(words: readonly string[], system: FirstInstall): Tri {
  const [pattern, file, ...more] = words.filter((word) => !word.startsWith('-'));
  const name = /^\^([a-z_][-a-z0-9_]*):/.exec(pattern ?? '')?.[1];
  if (name === undefined || more.length > 0) return undefined;
  if (file === '/etc/passwd') return system.account('user', name);
  return file === '/etc/group' ? system.account('group', name) : undefined;
}

/** An image has no override before a script makes one. */
function overridden(words: readonly string[], system: FirstInstall): Tri {
  const path = words.find((word) => word.startsWith('/'));
  if (path === undefined || !isKnown(path)) return undefined;
  return system.hasOverride(path);
}
