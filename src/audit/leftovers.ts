import { baseName } from '../rootfs/path.ts';
import { type AuditScene, placeOf, type RawFinding } from './scene.ts';

const listFolders =
  /^(?:var\/lib\/apt\/lists|var\/cache\/apt(?:\/archives)?|var\/cache\/apk|var\/cache\/(?:yum|dnf))\/[^/]+/;
/** What a package manager leaves even after a cleaning. */
const empty = new Set(['lock', 'partial', 'auxfiles']);
const versionControl = new Set(['.git', '.svn', '.hg', '.bzr']);
const buildFile =
  /^(?:Dockerfile(?:\.[\w-]+)?|Containerfile|\.dockerignore|docker-compose\.ya?ml|compose\.ya?ml|Vagrantfile|Jenkinsfile|\.gitlab-ci\.yml)$/;

/** What a build leaves behind. */
export function* leftovers(scene: AuditScene): Generator<RawFinding> {
  const lists = scene.files.filter(({ node: { entry } }) => {
    return entry.type === 'file' && entry.size > 0 && listFolders.test(entry.path) && !empty.has(baseName(entry.path));
  });
  for (const [folder, files] of Map.groupBy(lists, ({ node }) => folderOf(node.entry.path))) {
    const bytes = files.reduce((sum, { node }) => sum + node.entry.size, 0);
    const first = files[0];
    if (first === undefined) continue;
    const message = `/${folder} holds ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes} bytes`;
    yield { rule: 'package-lists', message, path: `/${folder}`, layer: first.node.layer };
  }
  for (const node of scene.folders) {
    const { path } = node.entry;
    if (!versionControl.has(baseName(path))) continue;
    yield { rule: 'source-control', message: `/${path} is a folder of version control`, ...placeOf(scene, node) };
  }
  for (const { node } of scene.files) {
    const { path, type } = node.entry;
    // A package that ships one means it as an example.
    if (type !== 'file' || !buildFile.test(baseName(path)) || scene.ownerOf(path) !== undefined) continue;
    // So do modules of language package managers.
    if (/(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor)\//.test(path)) continue;
    yield { rule: 'build-file', message: `/${path} serves a build`, ...placeOf(scene, node) };
  }
}

function folderOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
