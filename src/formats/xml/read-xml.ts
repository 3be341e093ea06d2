import { type SaxesAttributeNS, SaxesParser } from 'saxes';
import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { decodeUtf8Strict } from '../../util/text.ts';

export interface XmlElement {
  readonly type: 'element';
  /** Without prefix. */
  readonly name: string;
  /** Namespace URI; '' for none. */
  readonly namespace: string;
  /** In the order of the document, declarations of namespaces too. */
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text; comments and processing instructions are left out, and CDATA sections are text. */
  readonly children: readonly (XmlElement | string)[];
}

export interface XmlAttribute {
  /** As written: `xml:lang`. */
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

/**
 * A document as a tree. Well-formedness and namespaces are held (XML 1.0, Namespaces in XML 1.0); document type
 * declarations are skipped: entities but the five of XML are refused, defaults of attributes are not filled in.
 * @throws SlimimageError XML_INVALID, for more bytes or nesting than `limits` say too.
 */
export function readXml(bytes: Uint8Array, name: string): XmlElement {
  const damaged = (reason: string): SlimimageError =>
    new SlimimageError({ code: 'XML_INVALID', message: `${name} is no XML document that can be read: ${reason}` });
  if (bytes.length > limits.xmlBytes) throw damaged(`it has more than ${limits.xmlBytes} bytes`);
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw damaged('it is not UTF-8');
  const top: Open = { children: [] };
  const open: Open[] = [top];
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', (error) => {
    throw damaged(error.message);
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (open.length > limits.xmlDepth) throw damaged(`elements are nested deeper than ${limits.xmlDepth}`);
    const children: (XmlElement | string)[] = [];
    const element = { type: 'element', name: local, namespace: uri, attributes: attributesOf(attributes), children };
    (open.at(-1) as Open).children.push(element as XmlElement);
    open.push(element);
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

/** The value of an attribute without namespace. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name)?.value;
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
}

function attributesOf(attributes: Record<string, SaxesAttributeNS>): readonly XmlAttribute[] {
  return Object.values(attributes).map(({ name, uri, value }) => ({ name, namespace: uri, value }));
}
