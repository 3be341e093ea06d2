import { SaxesParser } from 'saxes';
import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { decodeUtf8Strict } from '../../util/text.ts';

export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** Namespace URI; '' for none. */
  readonly namespace: string;
  /** By name as written (`xml:lang`), in the order of the document, declarations of namespaces too. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements and text; comments and processing instructions are left out, and CDATA sections are text. */
  readonly children: readonly (XmlElement | string)[];
}

/**
 * A document as a tree. Well-formedness and the namespaces of elements are held (XML 1.0, Namespaces in XML 1.0); document
 * type declarations are skipped: entities but the five of XML are refused, defaults of attributes are not filled in.
 * @throws SlimimageError XML_INVALID, for more bytes or nesting than `limits` say too.
 */
export function readXml(bytes: Uint8Array, name: string): XmlElement {
  const damaged = (reason: string): SlimimageError =>
    new SlimimageError({ code: 'XML_INVALID', message: `${name} is no XML document that can be read: ${reason}` });
  if (bytes.length > limits.xmlBytes) throw damaged(`it has more than ${limits.xmlBytes} bytes`);
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw damaged('it is not UTF-8');
  const top: Open = { children: [], scope: new Map([['', '']]) };
  const open: Open[] = [top];
  // With namespaces of its own the parser takes twice the time, for attributes that nobody asks about.
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', (error) => {
    throw damaged(error.message);
  });
  parser.on('opentag', ({ name: written, attributes }) => {
    if (open.length > limits.xmlDepth) throw damaged(`elements are nested deeper than ${limits.xmlDepth}`);
    const parent = open.at(-1) as Open;
    const scope = scopeOf(attributes, parent.scope);
    const colon = written.indexOf(':');
    const namespace = scope.get(colon < 0 ? '' : written.slice(0, colon));
    if (namespace === undefined) throw damaged(`the prefix of ${written} means nothing`);
    const children: (XmlElement | string)[] = [];
    parent.children.push({ name: written.slice(colon + 1), namespace, attributes, children });
    open.push({ children, scope });
  });
  parser.on('closetag', () => open.pop());
  const addText = (part: string) => (open.at(-1) as Open).children.push(part);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).close();
  const root = top.children.find((child): child is XmlElement => typeof child !== 'string');
  if (root === undefined) throw damaged('it has no element');
  return root;
}

export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes[name];
}

export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== 'string');
}

/** All text directly in the element. */
export function textOf(element: XmlElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

interface Open {
  readonly children: (XmlElement | string)[];
  readonly scope: Scope;
}

/** Prefix -> namespace; '' for elements without prefix. */
type Scope = ReadonlyMap<string, string>;

function scopeOf(attributes: Readonly<Record<string, string>>, outer: Scope): Scope {
  let scope: Map<string, string> | undefined;
  for (const name in attributes) {
    if (!name.startsWith('xmlns') || (name.length > 5 && name[5] !== ':')) continue;
    scope ??= new Map(outer);
    scope.set(name.slice(6), attributes[name] as string);
  }
  return scope ?? outer;
}
