import type { SbomCut, SbomPackage } from './types.ts';

/** What no field of the formats is for, under names of our own: a property of CycloneDX, an annotation of SPDX. */
export interface Remark {
  readonly name: `slimimage:${string}`;
  readonly value: string;
}

/** What the image holds of a package beside what the package is: asked for, left out, taken away. */
export function imageRemarks({
  requested,
  omittedDependencies,
  cutDependencies,
  omitted,
  scripts,
  stripped,
}: SbomPackage): readonly Remark[] {
  return [
    ...(requested ? [remark('requested', 'true')] : []),
    ...omittedDependencies.map((value) => remark('omitted-dependency', value)),
    ...cutDependencies.map((value) => remark('cut-dependency', value)),
    ...omitted.map(({ reason, count, bytes }) => {
      const files = count === 1 ? '1 file' : `${count} files`;
      return remark('omitted', `${reason}: ${files}, ${bytes} bytes`);
    }),
    ...scripts.map((value) => remark('maintainer-script', value)),
    ...stripped.map((value) => remark('stripped', value)),
  ];
}

/** Each package that was cut, of the image itself: what needs it may have been cut too. */
export function cutRemarks(cuts: readonly SbomCut[]): readonly Remark[] {
  return cuts.map((cut) => remark('cut', cutText(cut)));
}

/** `debconf 1.5.91, no-evidence: nothing that stays names one of its programs` */
export function cutText({ name, version, grade, because }: SbomCut): string {
  return `${name} ${version}, ${grade}: ${because}`;
}

/** Where its .deb lies: archive and path, never a mirror, because any mirror of the archive will do. */
export function debRemarks(one: SbomPackage): readonly Remark[] {
  const { deb } = one;
  return [
    ...originRemarks(one),
    ...(deb === undefined ? [] : [remark('path', deb.path), remark('size', String(deb.size))]),
  ];
}

/** The same in a sentence: `archive debian, suite trixie, component main, section libs`; undefined where there is nothing. */
export function originSentence(one: SbomPackage): string | undefined {
  const words = originRemarks(one).map(({ name, value }) => `${name.slice('slimimage:'.length)} ${value}`);
  return words.length === 0 ? undefined : words.join(', ');
}

function originRemarks({ deb, section }: SbomPackage): readonly Remark[] {
  return [
    remark('archive', deb?.archive ?? ''),
    remark('suite', deb?.suite ?? ''),
    remark('component', deb?.component ?? ''),
    remark('section', section),
  ].filter(({ value }) => value !== '');
}

function remark(name: string, value: string): Remark {
  return { name: `slimimage:${name}`, value };
}
