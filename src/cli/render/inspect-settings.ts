import type { EntrypointReport, Inspection, StartedProgram } from '../../index.ts';
import { oneLine, shortened } from './inspect-text.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** Variables and labels without --verbose. */
const shown = 12;

/** Name, digests, age, distribution, size. */
export function renderIdentity(inspection: Inspection): readonly string[] {
  const {
    digest,
    indexDigest,
    otherPlatforms,
    configDigest,
    created,
    author,
    distribution,
    size,
    compressedSize,
    contents,
    layers,
  } = inspection;
  const support = distribution?.support;
  const title = distribution?.title ?? distribution?.id;
  const blobs = compressedSize === undefined ? '' : `, ${formatBytes(compressedSize)} compressed`;
  return renderTable(
    [
      ['digest', digest ?? ''],
      ['of the index', indexDigest ?? ''],
      ['other platforms', otherPlatforms.map(oneLine).join(', ')],
      ['config', configDigest ?? ''],
      ['created', oneLine(created ?? '')],
      ['author', oneLine(author ?? '')],
      [
        'distribution',
        title === undefined ? '' : `${oneLine(title)}${support === undefined ? '' : `, ${supportText(support)}`}`,
      ],
      ['size', `${formatBytes(size)} in ${count(layers.length, 'layer')}${blobs}`],
      [
        'files',
        `${contents.files} (${formatBytes(contents.bytes)}), ${count(contents.folders, 'folder')}, ${count(contents.symlinks, 'link')}`,
      ],
    ].filter(([, value]) => value !== ''),
  );
}

function supportText({
  status,
  until,
  extended,
}: NonNullable<NonNullable<Inspection['distribution']>['support']>): string {
  if (status === 'supported') return `supported until ${until}`;
  if (status === 'extended')
    return `support ended ${until}, ${extended?.by ?? 'extended support'} until ${extended?.until ?? ''}`;
  return `support ended ${extended?.until ?? until}`;
}

/** What the engine is told. */
export function renderSettings(
  { settings, users }: Inspection,
  { verbose }: { readonly verbose: boolean },
): readonly string[] {
  if (settings === undefined) return [];
  const { entrypoint, cmd, workdir, ports, volumes, env, labels, stopSignal, shell, healthcheck, onbuild, redacted } =
    settings;
  const most = verbose ? Number.POSITIVE_INFINITY : shown;
  const width = verbose ? 10_000 : 110;
  const rows = [
    ['entrypoint', words(entrypoint)],
    ['cmd', words(cmd)],
    ['user', userText(settings.user, users.runsAs)],
    ['workdir', oneLine(workdir)],
    ['ports', ports.map(oneLine).join(', ')],
    ['volumes', volumes.map(oneLine).join(', ')],
    ['stop signal', oneLine(stopSignal ?? '')],
    ['shell', words(shell)],
    ['health check', oneLine(healthcheck ?? '')],
    ...listed('env', env, { most, width }),
    ...listed(
      'labels',
      Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      { most, width },
    ),
    ...listed('onbuild', onbuild, { most, width }),
  ].filter(([, value]) => value !== '');
  const hidden =
    redacted === 0 ? [] : [`${count(redacted, 'value')} that may be secret: struck out (--show-secrets shows them)`];
  return [...renderTable(rows), ...hidden];
}

function words(list: readonly string[]): string {
  return list.length === 0 ? '' : oneLine(JSON.stringify(list));
}

function userText(configured: string, user: Inspection['users']['runsAs']): string {
  if (user === undefined) return `${oneLine(configured)} (the image has no such account)`;
  const name = oneLine(user.name ?? 'no account');
  return `${configured === '' ? 'root, by default' : oneLine(configured)} (${name}, uid ${user.uid}, gid ${user.gids.join(', ')})`;
}

function listed(
  title: string,
  texts: readonly string[],
  { most, width }: { readonly most: number; readonly width: number },
): readonly (readonly string[])[] {
  const rows = texts.slice(0, most).map((text, at) => [at === 0 ? title : '', shortened(text, width)]);
  return texts.length > most ? [...rows, ['', `${texts.length - most} more (--verbose lists them)`]] : rows;
}

/** From the words of the config to the files that run. */
export function renderStart({ programs }: EntrypointReport): readonly string[] {
  return programs.map((program, at) => `${'  '.repeat(Math.min(at, 6))}${programLine(program)}`);
}

function programLine({ role, name, steps, file }: StartedProgram): string {
  const way = [name, ...steps.filter((step) => step !== name)].map(oneLine).join(' -> ');
  const why = role === 'interpreter' ? 'interpreter ' : role === 'argument' ? 'starts ' : '';
  if (file === undefined) return `${why}${way}: not there`;
  const owner = file.packages.length === 0 ? 'of no package' : file.packages.map(oneLine).join(', ');
  const barred = file.executable ? '' : ', not executable';
  return `${why}${way} (${file.type === 'other' ? 'neither program nor script' : file.type}, ${owner}, layer ${file.layer}${barred})`;
}
