import { SlimimageError } from '../../errors.ts';

/** A package as `packages:` names it: from an archive, or a path of a .deb or of a folder of them. */
export type PackageEntry = { readonly type: 'name' } | { readonly type: 'path' };

const form = /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9][a-z0-9-]*)?(?:=[A-Za-z0-9.+~:*-]+|\/[a-z][a-zA-Z0-9.+/_-]*|-)?$/;

/**
 * Tells names from paths and checks their form; the solver reads the names (Policy 5.6.1 for names, 5.6.12 for versions).
 * @throws SlimimageError CONFIG_INVALID
 */
export function parsePackageName(text: string): PackageEntry {
  if (/^(?:\.{1,2}$|\.{0,2}\/)/.test(text) || (text.endsWith('.deb') && !/[:=]/.test(text))) return { type: 'path' };
  const problem = problemOf(text);
  if (problem === undefined) return { type: 'name' };
  throw new SlimimageError({ code: 'CONFIG_INVALID', ...problem });
}

function problemOf(text: string): { message: string; hint?: string } | undefined {
  if (form.test(text) && text.length >= 2) return undefined;
  const message = `"${text.slice(0, 80)}" is not a package`;
  if (/[<>]/.test(text)) return { message, hint: 'only exact versions: name=version' };
  if (/\s/.test(text)) return { message, hint: 'one package an entry: [python3, nginx]' };
  if (/[A-Z]/.test(text.split(/[=/]/)[0] ?? '')) return { message, hint: 'names of packages are in lower case' };
  return { message, hint: 'forms: name, name=version, name/suite, name:architecture, name-, ./app.deb, ./debs/' };
}
