import type { HistoryEntry } from '../oci/documents.ts';
import type { Distribution } from './distribution.ts';
import type { Instruction } from './instruction.ts';

/** The image that this one was built on, as far as its history tells. */
export interface BaseImage {
  /** `debian:trixie`, `scratch`. */
  readonly reference: string;
  /** `named`: the image says so itself; `guessed`: by the shape of its history; `unknown`: nothing tells of one. */
  readonly certainty: 'named' | 'guessed' | 'unknown';
  /** Why it is thought to be this one. */
  readonly reason: string;
  /** Entries of the history, from the first, that belong to it. */
  readonly entries: number;
}

export interface BaseFacts {
  readonly history: readonly HistoryEntry[];
  readonly instructions: readonly Instruction[];
  readonly labels: Readonly<Record<string, string>>;
  readonly distribution: Distribution | undefined;
}

const baseName = 'org.opencontainers.image.base.name';

export function findBase(facts: BaseFacts): BaseImage {
  const { history, instructions, labels } = facts;
  const root = rootEntries(facts);
  const named = labels[baseName];
  if (named !== undefined && named !== '') {
    return { reference: named, certainty: 'named', reason: `the label ${baseName}`, entries: root };
  }
  const buildah = history.findIndex(({ comment = '' }) => comment.startsWith('FROM '));
  if (buildah >= 0) {
    const reference = (history[buildah]?.comment ?? '').slice('FROM '.length).trim();
    return { reference, certainty: 'named', reason: 'Buildah wrote it into the history', entries: buildah };
  }
  const first = instructions.find((_, at) => history[at]?.empty_layer !== true);
  if (first?.builder === 'slimimage') {
    return { reference: 'scratch', certainty: 'named', reason: 'slimimage made it of packages', entries: 0 };
  }
  if (root === 0) {
    const reason = 'nothing in the history looks like a base image';
    return { reference: 'scratch', certainty: 'unknown', reason, entries: 0 };
  }
  const reference = officialName(facts.distribution);
  const reason = 'the history begins as the official image does';
  return reference === undefined
    ? { reference: 'scratch', certainty: 'unknown', reason: 'its root file system has no name', entries: 0 }
    : { reference, certainty: 'guessed', reason, entries: root };
}

/**
 * Entries of a distribution's own image: what comes before the layer of its root file system, this, and the command that is
 * set right after it.
 */
function rootEntries({ history, instructions }: BaseFacts): number {
  const first = history.findIndex((entry) => entry.empty_layer !== true);
  const instruction = instructions[first];
  if (instruction === undefined || !isRootFileSystem(instruction)) return 0;
  let end = first + 1;
  while (history[end]?.empty_layer === true && instructions[end]?.keyword === 'CMD') end++;
  return end;
}

function isRootFileSystem({ keyword, text, hashed }: Instruction): boolean {
  // debuerreotype writes `# debian.sh --arch 'amd64' out/ 'trixie' '@1700000000'`.
  if (keyword === undefined) return /^# debian\.sh |^debuerreotype/.test(text);
  if (keyword !== 'ADD' && keyword !== 'COPY') return false;
  return hashed === undefined ? /\S+ \/$/.test(text) : hashed.to === '/';
}

function officialName(distribution: Distribution | undefined): string | undefined {
  const { id, version = '', codename } = distribution ?? {};
  const [major = '', minor] = version.split('.');
  const tagged = (name: string, tag: string) => (tag === '' ? name : `${name}:${tag}`);
  switch (id) {
    case undefined:
      return undefined;
    case 'debian':
      return tagged('debian', codename ?? version);
    case 'alpine':
      return tagged('alpine', minor === undefined ? version : `${major}.${minor}`);
    case 'amzn':
      return tagged('amazonlinux', version);
    case 'rhel':
      return `registry.access.redhat.com/ubi${major}`;
    case 'rocky':
      return tagged('rockylinux', version);
    case 'opensuse-leap':
      return tagged('opensuse/leap', version);
    case 'arch':
      return 'archlinux';
    default:
      return tagged(id, version);
  }
}
