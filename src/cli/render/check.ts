import type { Finding, ImageCheck } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { count } from './units.ts';

/** Lines of warnings without --verbose. */
const shown = 10;

/** What is wrong with an image, errors first, and how much was looked at. */
export function renderCheck(
  { image, platform, findings, checked }: ImageCheck,
  { verbose }: { readonly verbose: boolean },
): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const groups = verbose ? warnings.map((finding) => [finding]) : groupsOf(warnings);
  const rest = groups.slice(shown).reduce((sum, group) => sum + group.length, 0);
  const most = verbose ? groups.length : shown;
  const of = platform === undefined ? image : `${image} (${platform})`;
  const verdict =
    errors.length === 0
      ? `${of}: nothing keeps it from running`
      : `${of} would not run: ${count(errors.length, 'error')}`;
  const { elf, scripts, links } = checked;
  return [
    verdict,
    ...errors.map((finding) => `  error: ${findingText(finding)}`),
    ...groups.slice(0, most).map(warningText),
    ...(rest > 0 && !verbose ? [`  ${count(rest, 'more warning')} (--verbose lists them)`] : []),
    `looked at ${elf} ${elf === 1 ? 'program or library' : 'programs and libraries'}, ${count(scripts, 'script')}, ${count(links, 'link')}`,
  ].join('\n');
}

/** What lacks the same in one line, libraries before scripts before links. */
function groupsOf(warnings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = [...Map.groupBy(warnings, ({ type, missing }) => `${type} ${missing}`).values()];
  const rank = ([first]: readonly Finding[]) =>
    first?.type === 'dangling-link' ? 2 : first?.type === 'interpreter' ? 1 : 0;
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

function warningText(group: readonly Finding[]): string {
  const [first] = group;
  const others = group.length > 1 ? `; ${count(group.length - 1, 'more file')} lack it (--verbose lists them)` : '';
  return first === undefined ? '' : `  warning: ${findingText(first)}${others}`;
}

function findingText({ message, chain, fix }: Finding): string {
  const why = chain.length === 0 ? '' : ` (${chain.join(', ')})`;
  return withoutControls(`${message}${why}${fix === undefined ? '' : `; ${fix}`}`);
}
