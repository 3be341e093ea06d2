/** What people type who come from other tools, and what it is called here. */
const words: ReadonlyMap<string, string> = new Map([
  ['push', 'slimimage build -t HOST/NAME:TAG --push, or slimimage copy store:NAME docker://HOST/NAME:TAG'],
  ['pull', 'slimimage copy docker://HOST/NAME:TAG store:NAME'],
  ['save', 'slimimage copy store:NAME docker-archive:FILE'],
  ['load', 'slimimage build --load, or slimimage copy store:NAME docker-daemon:NAME'],
  ['images', 'slimimage cache ls'],
  ['login', 'docker login HOST or podman login HOST: slimimage reads what they keep'],
]);

/** A message of the parser, for people; a command of another tool is told in ours. */
export function explainUnknown(message: string): string {
  const word = /^unknown command '([a-z]+)'/.exec(message)?.[1] ?? '';
  const ours = words.get(word);
  return ours === undefined ? message : `unknown command '${word}'\n(Write ${ours})\n`;
}
