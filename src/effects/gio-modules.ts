import { multiarchTriplet } from '../oci/debian-architecture.ts';
import { compareStrings } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import { filesIn } from './folder-files.ts';
import { hasGlib } from './glib-schemas.ts';
import type { EffectAddition, EffectInput } from './types.ts';

/**
 * The list of GIO modules by what they extend, as the postinst and the trigger of libglib2.0 have gio-querymodules(1)
 * write it: without the list GIO loads them all to ask them. The program asks the modules; here the names of the extension points are
 * sought among the strings of each, which gives the same for every module of bookworm and trixie.
 */
export function gioModules({ tree, settings, packages }: EffectInput): EffectAddition {
  const triplet = multiarchTriplet(settings.architecture);
  const folder = `usr/lib/${triplet}/gio/modules`;
  const path = `${folder}/giomodule.cache`;
  if (triplet === undefined || !hasGlib(packages) || tree.get(path) !== undefined) return { entries: [], warnings: [] };
  const warnings: string[] = [];
  const lines = [...filesIn(tree, folder, /\.so$/)]
    .sort((a, b) => compareStrings(a.name, b.name))
    .flatMap(({ name, bytes }) => {
      const points = pointsIn(bytes);
      if (points.length > 0) return [`${name}: ${points.join(',')}\n`];
      warnings.push(`/${folder}/${name} names no extension point of GIO that is known: GIO won't use it`);
      return [];
    });
  if (lines.length === 0) return { entries: [], warnings };
  const because = `the modules of /${folder}, as gio-querymodules lists them`;
  const entry = generatedFile(path, lines.join(''), { rule: 'gio modules', because, created: settings.created });
  return { entries: [entry], warnings };
}

/** Extension points of GIO (gio/giomodule.c), in the order in which the list has them. */
const extensionPoints = [
  'gio-debug-controller',
  'gio-desktop-app-info-lookup',
  'gio-local-file-monitor',
  'gio-memory-monitor',
  'gio-native-volume-monitor',
  'gio-network-monitor',
  'gio-nfs-file-monitor',
  'gio-power-profile-monitor',
  'gio-proxy',
  'gio-proxy-resolver',
  'gio-tls-backend',
  'gio-vfs',
  'gio-volume-monitor',
  'gsettings-backend',
];

/** Every byte becomes one character, whatever the bytes are. */
const searchable = new TextDecoder('latin1');

function pointsIn(bytes: Uint8Array): readonly string[] {
  const text = searchable.decode(bytes);
  return extensionPoints.filter((point) => text.includes(`\0${point}\0`));
}
