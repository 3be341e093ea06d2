import { readBill } from '../../deliver/kept-bill.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { hostPlatform } from '../../image/host-platform.ts';
import { openImage } from '../../image/open-image.ts';
import { openView } from '../../image/open-view.ts';
import { debianOfPlatform } from '../../oci/debian-architecture.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { Digest } from '../../util/digest.ts';
import { nearestNames } from '../../util/nearest.ts';
import { compareStrings } from '../../util/text.ts';
import { reading, type Session } from '../session.ts';
import { explainNamed, explainPackage } from './chain.ts';
import { cutNotes } from './cut-notes.ts';
import { imageDatabase, tellProblems } from './image-database.ts';
import { whyImagePath } from './image-path.ts';
import { imageReasons } from './image-reasons.ts';
import { isPath, type WhyQuestion } from './question.ts';
import type { WhyAnswer } from './types.ts';

/** Why a package or a path is in an image, as far as its package database, its layers and its history tell. */
export async function whyInImage(location: string, question: WhyQuestion): Promise<WhyAnswer> {
  const { thing, session } = question;
  const { store, cwd, onEvent, signal } = session;
  const wanted = question.platform === undefined ? undefined : parsePlatform(question.platform);
  const image = await openImage(location, { ...reading(session), platform: wanted, cwd });
  try {
    const view = await openView(image, { store, onEvent, signal });
    const { rootfs } = view;
    const layers = view.layers.map(({ entries }) => entries);
    const platform = image.platform ?? wanted;
    const architecture = debianOfPlatform(platform ?? hostPlatform());
    const database = imageDatabase(view);
    tellProblems(database, { name: image.name, onEvent });
    const packages = imageReasons(database, { architecture, config: image.config });
    const place = {
      type: 'image',
      name: image.name,
      platform: platform === undefined ? undefined : formatPlatform(platform),
    } as const;
    if (isPath(thing)) {
      const { path, notes, nearest } = whyImagePath(thing, { rootfs, layers, config: image.config, database });
      const { origin } = path;
      const explained = origin.type === 'package' ? explainNamed(origin.package, packages) : [];
      return { thing, place, found: origin.type !== 'missing', packages: explained, path, nearest, notes };
    }
    const named = explainNamed(thing, packages);
    const providers = database.installed
      .filter((record) => named.length === 0 && record.provides.some(({ name }) => name === thing))
      .sort((a, b) => compareStrings(a.name, b.name))
      .flatMap(({ name }) => packages.get(name) ?? []);
    const explained = [...named, ...providers.map((one) => explainPackage(one, packages, thing))];
    const found = explained.length > 0;
    const nearest = found ? [] : nearestNames(thing, packages.keys());
    const needing = found ? [] : neededBy(thing, database.installed);
    const ofBill = found ? undefined : await notesOfBill(thing, image.descriptor?.digest, store);
    const notes = [
      ...(packages.size === 0 ? [`${image.name} has no package database`] : []),
      ...(found ? [] : (ofBill ?? (needing.length === 0 ? [] : [leftOutNote(thing, needing)]))),
    ];
    return { thing, place, found, packages: explained, path: undefined, nearest, notes };
  } finally {
    await image.close();
  }
}

/** What the image's own bill says of a package that was cut; undefined where this store has none, or it was not cut. */
async function notesOfBill(
  name: string,
  manifest: Digest | undefined,
  store: Session['store'],
): Promise<readonly string[] | undefined> {
  const bill = manifest === undefined ? undefined : await readBill(manifest, store);
  const cut = bill?.cuts.find((one) => one.name === name);
  return cut && cutNotes({ ...cut, package: name }, 'only installation needs it');
}

/** Packages of the image that depend on a name. */
function neededBy(name: string, installed: readonly PackageRecord[]): readonly string[] {
  const needing = installed.filter(({ preDepends, depends }) =>
    [...preDepends, ...depends].some((dependency) => dependency.some((relation) => relation.name === name)),
  );
  return [...new Set(needing.map((record) => record.name))].sort(compareStrings);
}

function leftOutNote(name: string, needing: readonly string[]): string {
  const who =
    needing.length > 3 ? `${needing.slice(0, 3).join(', ')} and ${needing.length - 3} more` : needing.join(', ');
  return `It was left out although ${who} can depend on it: cut (dependencies: runtime), omitted, or in the place of an alternative. The SBOM and the lock say which; keep: [${name}] keeps it`;
}
