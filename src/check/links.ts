import { absolute, makeFinding } from './finding.ts';
import { followPath } from './follow-path.ts';
import type { CheckTree, Finding } from './types.ts';

/** What the container's engine or its programs put there when it runs. */
const filledLater = /^(?:proc|sys|dev|run|tmp|var\/run|var\/lock|var\/tmp)(?:\/|$)/;

/** Documentation, and what a build leaves out with it. */
const unimportant =
  /^(?:usr\/share\/(?:doc|doc-base|gtk-doc|help|info|man|locale|lintian|javadoc)|usr\/src|usr\/lib\/debug|usr\/lib\/modules|lib\/modules)\//;

/** Links to nothing: warnings. One on the way to the entrypoint is found in program.ts. */
export function checkLinks(tree: CheckTree): { readonly findings: readonly Finding[]; readonly checked: number } {
  const findings: Finding[] = [];
  let checked = 0;
  for (const { path, type, linkTarget = '' } of tree.entries()) {
    if (type !== 'symlink') continue;
    checked += 1;
    if (unimportant.test(path)) continue;
    const { file, path: at } = followPath(tree, path);
    if (file !== undefined || filledLater.test(at) || unimportant.test(`${at}/`)) continue;
    const missing = absolute(at);
    const message = `/${path} is a link to ${linkTarget}, and there is no ${missing}`;
    findings.push(makeFinding(tree, { type: 'dangling-link', severity: 'warning', path, missing, message, chain: [] }));
  }
  return { findings, checked };
}
