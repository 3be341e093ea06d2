import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { isSlimimageError } from '../../errors.ts';
import type { ImageConfig } from '../../oci/documents.ts';
import { matches } from '../../solver/relations.ts';
import { renderDependency } from '../../solver/render.ts';
import { compareStrings } from '../../util/text.ts';
import { parseRequest } from '../requests.ts';
import type { ReasonedPackage } from './chain.ts';
import type { ImageDatabase } from './image-database.ts';
import type { WhyReason } from './types.ts';

/**
 * The packages of an image with the edges between them, from what they say of themselves. Where they start: requests that
 * slimimage wrote into the history, packages that apt was asked for, and what nothing needs.
 */
export function imageReasons(
  { installed, automatic }: Pick<ImageDatabase, 'installed' | 'automatic'>,
  options: { readonly architecture: string; readonly config: ImageConfig | undefined },
): ReadonlyMap<string, ReasonedPackage> {
  const { architecture, config } = options;
  const context = { architecture, versions: debianVersions };
  const reasons = new Map<string, WhyReason[]>(installed.map(({ name }) => [name, []]));
  const add = (name: string, reason: WhyReason) => reasons.get(name)?.push(reason);
  const byName = namesOf(installed);
  const requests = requestsOf(config);
  for (const text of requests ?? []) {
    const { name: wanted, exclude } = parseRequest(text);
    const asked = exclude === true ? [] : (byName.get(wanted) ?? []);
    for (const { name } of asked) add(name, name === 'base-files' ? { type: 'base' } : { type: 'request', text });
  }
  if (requests === undefined && automatic !== undefined)
    for (const { name } of installed) if (!automatic.has(name)) add(name, { type: 'manual' });
  for (const record of [...installed].sort((a, b) => compareStrings(a.name, b.name))) {
    for (const { type, dependency } of edgesOf(record)) {
      const satisfying = dependency.flatMap((relation) =>
        (byName.get(relation.name) ?? []).filter((candidate) => matches(candidate, relation, context)),
      );
      for (const { name } of new Set(satisfying)) {
        const known = reasons.get(name)?.some((reason) => 'from' in reason && reason.from === record.name);
        if (name === record.name || known === true) continue;
        add(name, { type, from: record.name, dependency: renderDependency(dependency) });
      }
    }
  }
  return new Map(
    installed.map(({ name, version }) => {
      const all = reasons.get(name) ?? [];
      return [name, { name, version, requestedBy: all.length === 0 ? [{ type: 'unneeded' }] : all }];
    }),
  );
}

/** Packages by their own names and by those that they provide. */
function namesOf(installed: readonly PackageRecord[]): ReadonlyMap<string, readonly PackageRecord[]> {
  const byName = new Map<string, PackageRecord[]>();
  for (const record of installed) {
    for (const name of new Set([record.name, ...record.provides.map((provided) => provided.name)])) {
      const records = byName.get(name);
      if (records === undefined) byName.set(name, [record]);
      else records.push(record);
    }
  }
  return byName;
}

function edgesOf({ preDepends, depends, recommends }: PackageRecord) {
  return [
    ...preDepends.map((dependency) => ({ type: 'pre-depends', dependency }) as const),
    ...depends.map((dependency) => ({ type: 'depends', dependency }) as const),
    ...recommends.map((dependency) => ({ type: 'recommends', dependency }) as const),
  ];
}

/**
 * The requests in the comments that `slimimage build` writes into an image's history (build/build.ts): `nginx curl=8.1
 * (30 packages)`, and what the layer holds after it where there are several. Undefined where there are none, or one is not of that form: a comment is no contract.
 */
export function requestsOf(config: ImageConfig | undefined): readonly string[] | undefined {
  const comments = (config?.history ?? []).flatMap((entry) =>
    entry.created_by === 'slimimage build' && entry.comment !== undefined ? [entry.comment] : [],
  );
  const texts = comments.flatMap((comment) =>
    comment === 'files' || comment.startsWith('holds: ')
      ? []
      : [/^(.+?) \(\d+ packages?\)(?:, holds: .*)?$/.exec(comment)?.[1]],
  );
  if (texts.length === 0) return undefined;
  const requests: string[] = [];
  for (const text of texts) {
    for (const word of text?.split(' ') ?? ['']) {
      if (!isRequest(word)) return undefined;
      requests.push(word);
    }
  }
  return requests;
}

function isRequest(word: string): boolean {
  try {
    parseRequest(word);
    return true;
  } catch (error) {
    if (isSlimimageError(error)) return false;
    throw error;
  }
}
