import type { HistoryEntry } from '../oci/documents.ts';
import { readSettings } from './instruction-settings.ts';

/** Who wrote an entry of a history, as far as it shows. */
export type Builder = 'docker' | 'buildkit' | 'buildah' | 'kaniko' | 'slimimage';

/** An entry of a history as the instruction of a Dockerfile. */
export interface Instruction {
  /** `RUN`, `COPY`, ...; undefined where the entry is no instruction that Dockerfiles have. */
  readonly keyword: string | undefined;
  /** What follows the keyword, as a Dockerfile would have it; the whole entry where there is no keyword. */
  readonly text: string;
  /** Build arguments that a RUN had: `VERSION=1.2`. */
  readonly buildArguments: readonly string[];
  readonly builder: Builder | undefined;
  /** `COPY file:4d0a... in /app/`: the classic builder keeps a hash of what it copied, and no name. */
  readonly hashed?: { readonly type: 'file' | 'dir' | 'multi'; readonly hash: string; readonly to: string } | undefined;
}

export const defaultShell: readonly string[] = ['/bin/sh', '-c'];

const keywords =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)(?:\s+|$)/;
/** After the words of the shell that SHELL set. */
const noOperation = /^(?:[^\s|&;<>"'$()]+ ){1,8}?#\(nop\)\s+/;
const buildkitMark = / # buildkit\s*$/;
/** Docker 20.10 leaves no space after a flag: `--chown=app:appdir:77aa... in /app`. */
const hashedSource = /^((?:--\S+ )*?(?:--\S+? ?)??)(file|dir|multi):([0-9a-f]{6,}) in (.*)$/;

/**
 * Reads what a builder wrote into `created_by`: Docker's classic builder (`/bin/sh -c #(nop)  CMD ["sh"]`; RUN is the bare
 * command), BuildKit (`RUN /bin/sh -c make # buildkit`, moby/buildkit dockerfile2llb/convert.go), Buildah and Kaniko.
 * @param shell that SHELL set last, or `defaultShell`
 * @param names of variables and labels that the config has: they show where an unquoted value ends
 */
export function readInstruction(
  entry: HistoryEntry,
  { shell, names }: { readonly shell: readonly string[]; readonly names: ReadonlySet<string> },
): Instruction {
  const written = (entry.created_by ?? '').trim();
  const builder = builderOf(entry, written);
  const said = written.replace(buildkitMark, '').trim();
  const nop = noOperation.exec(said);
  const plain = nop === null ? said : said.slice(nop[0].length);
  const keyword = keywords.exec(plain)?.[1];
  if (keyword === undefined) {
    const isRun =
      nop === null && (said.startsWith(`${shell.join(' ')} `) || /^(?:\|\d+ |\/bin\/\w+ -\S*c )/.test(said));
    if (!isRun) return { keyword: undefined, text: plain, buildArguments: [], builder };
    return { keyword: 'RUN', ...readRun(said, shell), builder: builder ?? 'docker' };
  }
  const text = plain.slice(keyword.length).trim();
  if (keyword === 'RUN') return { keyword, ...readRun(text, shell), builder };
  const [, flags = '', type, hash = '', to = ''] = hashedSource.exec(text) ?? [];
  if (type === 'file' || type === 'dir' || type === 'multi') {
    return {
      keyword,
      text: flags.replace(/\S$/, '$& '),
      buildArguments: [],
      builder,
      hashed: { type, hash, to: to === '' ? '.' : to },
    };
  }
  return { keyword, text: readSettings(keyword, text, { shell, names }), buildArguments: [], builder };
}

function builderOf({ comment = '', author = '' }: HistoryEntry, written: string): Builder | undefined {
  if (comment.startsWith('buildkit') || buildkitMark.test(written)) return 'buildkit';
  if (author === 'kaniko' || comment === 'kaniko') return 'kaniko';
  if (written.startsWith('slimimage ')) return 'slimimage';
  if (comment.startsWith('FROM ')) return 'buildah';
  return noOperation.test(written) ? 'docker' : undefined;
}

/** `|2 A=1 B=two words /bin/sh -c make`: how many build arguments there were, they, the shell, the command. */
function readRun(
  said: string,
  shell: readonly string[],
): { readonly text: string; readonly buildArguments: readonly string[] } {
  const counted = /^\|(\d+) /.exec(said);
  if (counted === null) return { text: withoutShell(said, shell), buildArguments: [] };
  const rest = said.slice(counted[0].length);
  const marks = [`${shell.join(' ')} `, '/bin/sh -c '].map((mark) => [mark, ` ${rest}`.indexOf(` ${mark}`)] as const);
  const [mark, at] = marks.find(([, found]) => found >= 0) ?? ['', -1];
  if (at < 0) return splitPlainArguments(rest, Number(counted[1]));
  return { text: rest.slice(at + mark.length).trim(), buildArguments: splitArguments(rest.slice(0, at).trim()) };
}

function withoutShell(said: string, shell: readonly string[]): string {
  for (const prefix of [shell.join(' '), '/bin/sh -c']) {
    if (said.startsWith(`${prefix} `)) return said.slice(prefix.length + 1).trim();
  }
  // SHELL of an image that this one was built on, told by nobody.
  return said.replace(/^\/bin\/(?:ba|da|a|z|k)?sh (?:-\S+ (?:pipefail )?)*-\w*c /, '').trim();
}

function splitArguments(text: string): readonly string[] {
  return text === '' ? [] : text.split(/ (?=[A-Za-z_][A-Za-z0-9_]*=)/);
}

/** A RUN without a shell: the first words are the arguments, if none of them has a space. */
function splitPlainArguments(text: string, number: number) {
  const words = text.split(' ');
  return { text: words.slice(number).join(' '), buildArguments: words.slice(0, number) };
}
