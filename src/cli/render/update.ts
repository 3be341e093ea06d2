import type { PackageUpdate, PlatformUpdate, SourceUpdate, UpdatePlan, UpdateResult } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { countChanges, cutLine, imageLines, placeWords, versionWords } from './lock-difference.ts';
import { formatSizeChange, formatTotal } from './size-change.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { count } from './units.ts';

export interface RenderUpdateOptions {
  /** The lock's file as the user would write it. */
  readonly file: string;
  readonly verbose: boolean;
  readonly style: Style;
}

/** CVEs of one package that are shown without --verbose. */
const shownFixes = 6;

/** What an update brings, so that the log of a nightly job can be read: a line a package, then totals. */
export function renderUpdate(result: UpdatePlan | UpdateResult, options: RenderUpdateOptions): string {
  const { platforms, sources, securityOnly } = result;
  const { style } = options;
  const file = withoutControls(options.file);
  const changed = platforms.some(isChanged);
  const written = 'written' in result && result.written !== undefined;
  return [
    ...platforms.flatMap((platform) => platformLines(platform, { ...options, sources })),
    ...(changed ? [totalLine(result)] : [nothingLine(result, { file, style })]),
    ...(written ? [`${style.good('written')} ${file}`] : []),
    ...(changed && !written
      ? [`\`slimimage update${securityOnly ? ' --security-only' : ''} --write\` puts it into ${file}`]
      : []),
  ].join('\n');
}

function isChanged({ on, images, cuts, packages, donors }: PlatformUpdate): boolean {
  return (
    on !== undefined ||
    images.length + cuts.length > 0 ||
    [...packages, ...donors].some(({ change }) => change !== 'moved')
  );
}

function nothingLine(plan: UpdatePlan, { file, style }: { readonly file: string; readonly style: Style }): string {
  const held = heldNames(plan).size;
  if (held > 0) return style.warning(`${count(held, 'security update')} held back, nothing else for ${file}`);
  return style.good(`${plan.securityOnly ? 'no security update for' : 'nothing to update in'} ${file}`);
}

/** Over all platforms. */
function heldNames({ platforms }: UpdatePlan): ReadonlySet<string> {
  return new Set(platforms.flatMap(({ held }) => held.map(({ name }) => name)));
}

interface LinesOptions extends RenderUpdateOptions {
  readonly sources: readonly SourceUpdate[];
}

function platformLines(update: PlatformUpdate, options: LinesOptions): readonly string[] {
  const { platform, on, images, cuts, packages, donors, held, size, installedSize } = update;
  if ([images, cuts, packages, donors, held].every(({ length }) => length === 0) && on === undefined) return [];
  const { style } = options;
  const told = new Map<string, string>();
  const row = (change: PackageUpdate) => packageRow(change, { ...options, told });
  const readOnly = donors.map((donor) => [...row(donor).slice(0, -1), 'read, not installed']);
  const totals = `${formatTotal(size, 'to download')}, ${formatTotal(installedSize, 'installed')}`;
  return [
    `${style.strong(platform)}  ${countChanges([...packages, ...donors])}; ${totals}`,
    ...[
      ...renderTable([...packages.map(row), ...readOnly], [2]),
      ...cuts.map(cutLine),
      ...imageLines(update),
      ...held.map(
        ({ name, version, available, why }) =>
          `${style.warning('held back:')} ${name} ${version}, not ${available}: ${withoutControls(why)}`,
      ),
    ].map((line) => `  ${line}`),
  ];
}

interface RowOptions extends LinesOptions {
  /** Sources whose CVEs are on an earlier line, with the package of that line. */
  readonly told: Map<string, string>;
}

function packageRow(change: PackageUpdate, options: RowOptions): readonly string[] {
  const { name, from, to } = change;
  const kind = change.change === 'upgraded' ? '' : ` (${change.change})`;
  const bytes = (to?.installedSize ?? 0) - (from?.installedSize ?? 0);
  const place = placeWords(change);
  return [
    options.style.strong(name),
    `${versionWords(change)}${kind}`,
    formatSizeChange(bytes),
    change.security ? options.style.warning(place) : place,
    fixesWords(change, options),
  ];
}

function fixesWords({ name: own, fixes, to }: PackageUpdate, { verbose, told, sources }: RowOptions): string {
  const source = to?.source;
  if (source === undefined) return '';
  if (fixes.length === 0) {
    const isMissing = sources.some(
      ({ name, to: version, changelog }) =>
        name === source.name && version === source.version && changelog === 'missing',
    );
    return isMissing ? 'no changelog' : '';
  }
  const earlier = told.get(source.name);
  if (earlier !== undefined) return `as ${earlier}`;
  told.set(source.name, own);
  const shown = verbose || fixes.length <= shownFixes + 1 ? fixes : fixes.slice(0, shownFixes);
  const rest = fixes.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more (--verbose lists them)` : ''}`;
}

/** Over all platforms, what is the same on two of them once. */
function totalLine(plan: UpdatePlan): string {
  const { platforms, sources } = plan;
  const held = heldNames(plan).size;
  const changes = platforms.flatMap(({ packages, donors }) => [...packages, ...donors]);
  const names = new Set(changes.filter(({ change }) => change !== 'moved').map(({ name }) => name));
  const security = new Set(changes.filter((change) => change.security).map(({ name }) => name));
  const fixes = new Set(sources.flatMap((source) => source.fixes));
  const skipped = sources.length > 0 && sources.every(({ changelog }) => changelog === 'skipped');
  return [
    `${count(names.size, 'package')} to update`,
    `${security.size} from a security suite`,
    skipped ? 'changelogs not read' : `${count(fixes.size, 'CVE')} fixed, the changelogs say`,
    ...(held > 0 ? [`${held} held back`] : []),
  ].join(', ');
}
