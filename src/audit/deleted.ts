import type { ImagePackage } from '../view/packages.ts';
import { packagesByLayer } from '../view/packages-by-layer.ts';
import type { AuditScene, RawFinding } from './scene.ts';

/** Names in one finding. */
const shown = 5;

/** Packages that were there after a lower layer and are not in the end: their bytes are still pulled. */
export function* deletedPackages({ view, packages }: AuditScene): Generator<RawFinding> {
  const last = new Set(packages.packages.map(keyOf));
  const gone = new Map<string, { readonly one: ImagePackage; readonly layer: number; until: number | undefined }>();
  for (const { layer, packages: present } of packagesByLayer(view)) {
    const now = new Map(present.map((one) => [keyOf(one), one]));
    for (const [key, known] of gone) if (!now.has(key)) known.until ??= layer;
    for (const [key, one] of now) if (!last.has(key) && !gone.has(key)) gone.set(key, { one, layer, until: undefined });
  }
  const forgotten = new Map<number, string[]>();
  for (const { one, layer, until = layer } of gone.values()) {
    if (isLeft(view.rootfs, one)) {
      const names = forgotten.get(until) ?? [];
      forgotten.set(until, names);
      names.push(one.name);
      continue;
    }
    const message = `layer ${until + 1} deletes the package ${one.name} ${one.version}, which is still in layer ${layer + 1}`;
    yield { rule: 'deleted-package', message, package: one.name, layer };
  }
  for (const [layer, names] of forgotten) {
    const more = names.length > shown ? `, ${names.length - shown} more` : '';
    const message = `layer ${layer + 1} takes packages out of the database and leaves their files: ${names.slice(0, shown).join(', ')}${more}`;
    yield { rule: 'damaged-package-database', message, layer };
  }
}

function keyOf({ ecosystem, name, architecture }: ImagePackage): string {
  return `${ecosystem} ${name} ${architecture}`;
}

/** Whether one of its files is in the final tree. Documentation and folders stay after many a removal. */
function isLeft(rootfs: AuditScene['view']['rootfs'], { files }: ImagePackage): boolean {
  const own = files.filter((path) => !/^(?:usr\/share\/(?:doc|man|locale)|etc|var)\//.test(path));
  return own.some((path) => rootfs.resolve(path, { followLast: false })?.entry.type === 'file');
}
