import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flagsToSpec, loadConfig } from '../../config/load.ts';
import type { ImageSpec } from '../../config/spec.ts';
import { placePath } from '../../content/usr-merge.ts';
import { SlimimageError } from '../../errors.ts';
import { hostPlatform } from '../../image/host-platform.ts';
import type { LockDocument, LockedPackage, LockedPlatform } from '../../lock/types.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { nearestNames } from '../../util/nearest.ts';
import { preparePackages } from '../contents.ts';
import { readLock } from '../lock/file.ts';
import { planLocked } from '../lock/locked-resolve.ts';
import { cutOf } from '../prune-platform.ts';
import type { RequestedBy } from '../types.ts';
import { explainNamed, type ReasonedPackage } from './chain.ts';
import { pruningNotes } from './cut-notes.ts';
import { packagedPath } from './packaged-path.ts';
import { isPath, type WhyQuestion } from './question.ts';
import type { WhyAnswer } from './types.ts';

/** Why a lock has a package, or which of its packages has a path. Only for a path are packages fetched. */
export async function whyInLock(file: string, question: WhyQuestion): Promise<WhyAnswer> {
  const { thing, session } = question;
  const { document } = await readLock(file);
  const locked = chooseLocked(document, question.platform);
  const place = { type: 'lock', name: file, platform: locked.platform } as const;
  const packages = reasonedPackages(locked);
  if (!isPath(thing)) {
    const explained = explainNamed(thing, packages);
    const cut = pruningNotes(thing, { cuts: locked.cuts.map((one) => cutOf(one, locked)), kept: [] });
    const donor = locked.donors.find(({ name }) => name === thing);
    return {
      thing,
      place,
      found: explained.length > 0 && cut.length === 0,
      packages: explained,
      path: undefined,
      nearest: explained.length > 0 ? [] : nearestNames(thing, packages.keys()),
      notes:
        donor === undefined
          ? cut
          : [`${thing} ${donor.version} is read for what its maintainer scripts would have copied, and not installed`],
    };
  }
  const spec = await specOf(file, document);
  const platform = parsePlatform(locked.platform);
  const on = locked.on ?? undefined;
  const resolved = await planLocked(spec, {
    platform,
    lock: document,
    on,
    images: locked.images,
    installed: [],
    session,
  });
  const { packages: contents } = await preparePackages(spec, resolved, session);
  const path = packagedPath(placePath(thing.replace(/^\/+/, ''), resolved.layout), contents);
  const owner = path.origin.type === 'package' || path.origin.type === 'omitted' ? [path.origin.package] : [];
  const found = path.origin.type === 'package' || path.origin.type === 'folder';
  return {
    thing,
    place,
    found,
    packages: owner.flatMap((name) => explainNamed(name, packages)),
    path,
    nearest: [],
    notes:
      path.origin.type !== 'missing'
        ? []
        : ['A lock knows packages alone: for what is configured or generated, ask the configuration'],
  };
}

function chooseLocked({ platforms }: LockDocument, wanted: string | undefined): LockedPlatform {
  const name = formatPlatform(wanted === undefined ? hostPlatform() : parsePlatform(wanted));
  const found = platforms.find(({ platform }) => platform === name);
  const chosen = found ?? (wanted === undefined ? platforms[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `the lock has nothing for ${name}`,
    hint: `It is for ${platforms.map(({ platform }) => platform).join(', ')}.`,
  });
}

/** A lock names who needs a package and not by which dependency. */
function reasonedPackages({ packages }: LockedPlatform): ReadonlyMap<string, ReasonedPackage> {
  return new Map(packages.map((one) => [one.name, { ...one, requestedBy: reasonsOf(one) }]));
}

function reasonsOf({ name, requests, requestedBy }: LockedPackage): readonly RequestedBy[] {
  const asked = requests.map((text): RequestedBy => ({ type: 'request', text }));
  const needed = requestedBy.map((from): RequestedBy => ({ type: 'depends', from, dependency: name }));
  const base: readonly RequestedBy[] = asked.length + needed.length === 0 ? [{ type: 'base' }] : [];
  return [...asked, ...base, ...needed];
}

/** The configuration beside the lock, which knows where archives are; else what the lock says of it. */
async function specOf(file: string, document: LockDocument): Promise<ImageSpec> {
  const cwd = dirname(file);
  const stem = file.replace(/\.lock\.json$/, '');
  for (const extension of ['.yaml', '.yml', '.json']) {
    if (await isFile(`${stem}${extension}`)) return loadConfig(`${stem}${extension}`, { cwd });
  }
  const { from, packages } = document.configuration.inputs;
  const texts = Array.isArray(packages) ? packages.filter((one): one is string => typeof one === 'string') : [];
  return flagsToSpec({ from: typeof from === 'string' ? from : undefined, package: texts }, { cwd });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
