/** Files in which package managers keep what they know of all packages: they change with any of them. */
const shared =
  /^(?:var\/lib\/dpkg(?:|\/(?:status|status-old|available|info|info\/format|status\.d|triggers(?:\/.*)?))|var\/lib\/apt\/extended_states|var\/cache\/(?:debconf|ldconfig)\/.*|(?:usr\/)?lib\/apk\/db(?:\/.*)?|etc\/apk\/world|etc\/ld\.so\.cache)$/;

/** Folders and links that bear the name of their package (Debian Policy 12.5). */
const documentation = /^usr\/share\/doc\/(?<name>[a-z0-9][a-z0-9+.-]*)$/;

/** Files that are about one package, whose name they bear. */
const single = /^var\/lib\/dpkg\/(?:info|status\.d)\/(?<name>[a-z0-9][a-z0-9+.-]*?)(?::[a-z0-9-]+)?(?:\.[a-z0-9]+)?$/;

/** The package whose change explains that of a file of the package managers' own; undefined where there is none. */
export function explainByDatabase(path: string, changed: ReadonlySet<string>): string | undefined {
  if (changed.size === 0) return undefined;
  if (shared.test(path)) return changed.values().next().value;
  const documented = documentation.exec(path)?.groups?.['name'];
  if (documented !== undefined && changed.has(documented)) return documented;
  const whole = path.slice(path.lastIndexOf('/') + 1);
  const name = single.exec(path)?.groups?.['name'];
  if (name === undefined) return undefined;
  // Names may have dots: `libfoo1.2` without a suffix, `libfoo1.2.md5sums` with one.
  return [whole.replace(/:[a-z0-9-]+(?=\.|$)/, ''), whole.replace(/(?::[a-z0-9-]+)?\.[a-z0-9]+$/, ''), name].find(
    (candidate) => changed.has(candidate),
  );
}
