import type { Redirection } from 'unbash';
import { type Expansion, expandText, partsText } from './expand.ts';
import { absolutePath } from './relative-paths.ts';
import type { ScriptRedirect } from './types.ts';

/** Redirections with the names of their files and the text of their here-documents, as far as these are known. */
export function readRedirects(nodes: readonly Redirection[], expansion: Expansion): readonly ScriptRedirect[] {
  return nodes.map((node) => {
    const descriptor = node.descriptor?.type === 'FileDescriptor' ? node.descriptor.value : undefined;
    if (node.type !== 'HereDoc') {
      const target = expandText(node.target, expansion);
      return node.type === 'HereString'
        ? { operator: '<<', descriptor, target: `${target}\n` }
        : { operator: node.operator, descriptor, target: placeOf(node.operator, target, expansion) };
    }
    const { text, parts } = node.body;
    const isPlain = node.delimiter?.quoted === true || parts === undefined;
    const body = isPlain ? text : partsText(parts, expansion);
    return { operator: '<<', descriptor, target: node.operator === '<<-' ? body.replace(/^\t+/gm, '') : body };
  });
}

function placeOf(operator: string, target: string, { state }: Expansion): string {
  return operator.includes('&') && /^[0-9-]+$/.test(target) ? target : absolutePath(target, state.folder);
}
