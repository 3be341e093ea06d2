import type { FirstInstall } from './first-install.ts';
import { isKnown, unknown } from './state.ts';

/** What a command prints that is known without running it: for `$(...)`. */
export function substituted(words: readonly string[], system: FirstInstall): string {
  if (!words.every(isKnown)) return unknown;
  const [name = '', ...rest] = words;
  const operands = rest.filter((word) => !word.startsWith('-'));
  switch (name.slice(name.lastIndexOf('/') + 1)) {
    case 'dpkg':
      return /^--print-(foreign-)?architecture$/.test(rest[0] ?? '') ? system.architecture : unknown;
    case 'dpkg-architecture':
      return dpkgArchitecture(rest, system);
    case 'dpkg-divert':
      return rest.includes('--truename') ? (operands.at(-1) ?? unknown) : unknown;
    case 'echo':
      return (rest[0] === '-n' ? rest.slice(1) : rest).join(' ');
    case 'printf':
      return rest.length === 1 && !/[%\\]/.test(rest[0] ?? '') ? (rest[0] ?? '') : unknown;
    case 'basename':
      return operands.length === 1 ? (operands[0]?.replace(/\/+$/, '').split('/').at(-1) ?? unknown) : unknown;
    case 'dirname':
      return operands.length === 1 ? operands[0]?.replace(/\/+[^/]*\/*$/, '') || '/' : unknown;
    case 'which':
      return system.hasProgram(operands[0] ?? '') === false ? '' : unknown;
    case 'command':
      return rest[0] === '-v' && system.hasProgram(rest[1] ?? '') === false ? '' : unknown;
    case 'mktemp':
    case 'tempfile':
      return system.temporaryPath(operands.findLast((word) => word.startsWith('/')));
    case 'true':
      return '';
    case 'id':
      return rest[0] === '-u' && rest.length === 1 ? '0' : unknown;
    default:
      return unknown;
  }
}

function dpkgArchitecture(words: readonly string[], { architecture, multiarch }: FirstInstall): string {
  const asked = words.map((word) => word.replace(/^-q/, '')).find((word) => word.startsWith('DEB_'));
  if (asked === undefined) return unknown;
  if (/^DEB_(HOST|BUILD|TARGET)_MULTIARCH$/.test(asked)) return multiarch;
  return /^DEB_(HOST|BUILD|TARGET)_ARCH$/.test(asked) ? architecture : unknown;
}
