import { compareStrings } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import type { EffectInput, EffectPackage, GeneratedEntry } from './types.ts';

/**
 * The package database in the form that scanners read in images without dpkg: `var/lib/dpkg/status.d/PKG` with the
 * package's stanza, and `PKG.md5sums` with the files of it that are in the image.
 */
export function dpkgMetadata({ packages, settings }: EffectInput): readonly GeneratedEntry[] {
  const seen = new Map<string, number>();
  for (const { name } of packages) seen.set(name, (seen.get(name) ?? 0) + 1);
  return packages.flatMap((item) => {
    // Several architectures of a package are told apart as in dpkg's own info folder.
    const name = (seen.get(item.name) ?? 0) > 1 ? `${item.name}:${item.architecture}` : item.name;
    const path = `var/lib/dpkg/status.d/${name}`;
    const options = { rule: 'dpkg metadata', because: `the package ${item.name}`, created: settings.created } as const;
    return [generatedFile(path, statusStanza(item), options), generatedFile(`${path}.md5sums`, md5sums(item), options)];
  });
}

/**
 * The control stanza as dpkg's status file has it: `Status` after the fields that come before it there, `Conffiles`
 * before the description (lib/dpkg/parse.c, `fieldinfos`). Other fields stay as they are, in the package's order.
 */
export function statusStanza(item: Pick<EffectPackage, 'control' | 'conffiles' | 'files'>): string {
  const fields = splitFields(item.control);
  const name = (field: string) => field.slice(0, field.indexOf(':')).toLowerCase();
  const kept = fields.filter((field) => !['status', 'conffiles'].includes(name(field)));
  const isHead = (field: string) => ['package', 'essential', 'protected'].includes(name(field));
  const rest = kept.filter((field) => !isHead(field));
  const description = rest.findIndex((field) => name(field) === 'description');
  rest.splice(description < 0 ? rest.length : description, 0, ...conffiles(item));
  return [...kept.filter(isHead), 'Status: install ok installed', ...rest].map((field) => `${field}\n`).join('');
}

function conffiles({ conffiles: paths, files }: Pick<EffectPackage, 'conffiles' | 'files'>): readonly string[] {
  const sums = new Map(files.map(({ path, md5 }) => [`/${path}`, md5]));
  const lines = paths.flatMap((path) => {
    const md5 = sums.get(path);
    return md5 === undefined ? [] : [`\n ${path} ${md5}`];
  });
  return lines.length === 0 ? [] : [`Conffiles:${lines.join('')}`];
}

/** Fields with their continuation lines, without the line break at the end. */
function splitFields(control: string): readonly string[] {
  const fields: string[] = [];
  for (const line of control.split('\n')) {
    if (line.trim() === '') continue;
    if (/^[ \t]/.test(line) && fields.length > 0) fields.push(`${fields.pop()}\n${line}`);
    else fields.push(line);
  }
  return fields;
}

/** dpkg's form, `md5  path` without leading slash; configuration files are in `Conffiles` instead, as in dpkg. */
function md5sums({ files, conffiles: excluded }: EffectPackage): string {
  const configuration = new Set(excluded);
  return files
    .filter(({ path }) => !configuration.has(`/${path}`))
    .toSorted((a, b) => compareStrings(a.path, b.path))
    .map(({ path, md5 }) => `${md5}  ${path}\n`)
    .join('');
}
