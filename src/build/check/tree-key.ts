import type { ImageSpec } from '../../config/spec.ts';
import { Sha256 } from '../../util/digest.ts';
import { encodeUtf8 } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';

/** Another number forgets what was found by an older check. */
const version = 4;

/**
 * Names everything that the check of a tree depends on: contents by their keys, every other node by what it is. Two equal
 * keys are one tree, so that a build which changes nothing checks nothing.
 */
export function treeKey(spec: ImageSpec, { assembled, contents, base, platform, resolved }: AssembledPlatform): string {
  const hash = new Sha256();
  const { config, dependencies } = spec;
  const packages = [...contents.packages].map(([name, { content }]) => [name, content.key]);
  const requests = resolved.requests.map(({ text }) => text);
  const about = { version, config, dependencies, packages, order: resolved.resolution.order, requests, platform };
  const user = assembled.effects.user.text;
  const lines = [JSON.stringify({ ...about, base: base?.digest, user })];
  for (const { entry, source } of assembled.tree.nodes()) {
    if (source.type === 'base' || (source.type === 'package' && source.intact)) continue;
    const { path, type, mode, uid, gid, linkTarget = '' } = entry;
    const content =
      source.type === 'package'
        ? `${source.package} ${source.origin.path}`
        : source.type === 'file'
          ? source.sha256
          : source.type === 'bytes'
            ? source.bytes.length
            : '';
    lines.push(`${path}\0${type}\0${mode}\0${uid}:${gid}\0${linkTarget}\0${content}`);
    if (source.type === 'bytes') hash.update(source.bytes);
  }
  // In one piece: thousands of small ones take longer than what they hold.
  hash.update(encodeUtf8(lines.join('\n')));
  return hash.digest();
}
