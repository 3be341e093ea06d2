import assert from 'node:assert/strict';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareImages } from './compare-images.ts';
import type { FileChange, ImageDifference } from './types.ts';

/** A package of status.d: `curl 1 amd64: /usr/bin/curl=content`. */
export function packaged(line: string): ViewedFiles {
  const [, name = '', version = '', architecture = '', list = ''] =
    /^(\S+) (\S+) (\S+):(.*)$/.exec(line) ?? assert.fail(line);
  const files = list
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => text.split('=') as [string, string]);
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n`;
  const sums = files.map(([path, text]) => `${Buffer.from(text).toString('hex').padEnd(32, '0')}  ${path}\n`);
  return [
    ...files,
    [`var/lib/dpkg/status.d/${name}`, control],
    [`var/lib/dpkg/status.d/${name}.md5sums`, sums.join('')],
  ];
}

export function compare(
  from: readonly ViewedFiles[],
  to: readonly ViewedFiles[],
  more: { readonly times?: boolean; readonly from?: Partial<ImageView>; readonly to?: Partial<ImageView> } = {},
): ImageDifference {
  const [before, after] = [viewOf(from, more.from), viewOf(to, more.to)];
  const side = (view: ImageView) => ({ view, packages: readPackages(view) });
  return compareImages(side(before), side(after), { times: more.times });
}

/** `changed /etc/x (mode owner) of curl by curl` */
export function picture({ files }: ImageDifference): readonly string[] {
  return files.changes.map((change) => lineOf(change));
}

export function lineOf({ change, path, movedFrom, aspects, packages, explainedBy }: FileChange): string {
  return [
    `${change} ${path}`,
    ...(movedFrom === undefined ? [] : [`from ${movedFrom}`]),
    ...(aspects.length === 0 ? [] : [`(${aspects.join(' ')})`]),
    ...(packages.length === 0 ? [] : [`of ${packages.join(', ')}`]),
    ...(explainedBy === undefined ? [] : [`by ${explainedBy}`]),
  ].join(' ');
}
