import { ensureNode, versions } from '../../tools/node-runtime.mjs';

export interface NodeLine {
  readonly version: string;
  /** Absolute path of the executable. */
  readonly path: string;
}

/** One Node of every supported line, brought from npm where it is missing. Throws where npm can't be reached. */
export function supportedNodes(say: (line: string) => void = () => {}): readonly NodeLine[] {
  return versions.supported.map((version) => ({ version, path: ensureNode(version, { say }) }));
}

/** The Node of one line (`22`, `24`, `26`). */
export function supportedNode(major: number, say: (line: string) => void = () => {}): NodeLine {
  const version = versions.supported.find((candidate) => candidate.startsWith(`${major}.`));
  if (version === undefined) throw new Error(`Node ${major} is no supported line`);
  return { version, path: ensureNode(version, { say }) };
}
