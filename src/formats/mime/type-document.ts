import type { XmlElement } from '../xml/read-xml.ts';
import { type MimeType, mimeNamespace } from './types.ts';

/** The file of one type, as update-mime-database(1) has libxml2 write it. */
export function typeDocument({ name, elements }: MimeType): string {
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<mime-type xmlns="${mimeNamespace}" type="${escapeValue(name)}">`,
    '  <!--Created automatically by update-mime-database. DO NOT EDIT!-->',
    ...[...elements.values()].map((element) => `  ${written(element, '  ')}`),
    '</mime-type>',
  ];
  return `${lines.join('\n')}\n`;
}

/** Children stand on lines of their own where there is no text among them. */
function written(element: XmlElement, indent: string): string {
  const isOurs = element.namespace === mimeNamespace;
  let attributes = '';
  for (const name in element.attributes)
    if (!isOurs || name !== 'xmlns') attributes += ` ${name}="${escapeValue(element.attributes[name] as string)}"`;
  const tag = element.name;
  const { children } = element;
  if (children.length === 0) return `<${tag}${attributes}/>`;
  const isMixed = children.some((child) => typeof child === 'string');
  const inner = children.map((child) => {
    if (typeof child === 'string') return escapeText(child);
    return isMixed ? written(child, indent) : `\n${indent}  ${written(child, `${indent}  `)}`;
  });
  return `<${tag}${attributes}>${inner.join('')}${isMixed ? '' : `\n${indent}`}</${tag}>`;
}

function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (letter) => references[letter] as string) : text;
}

function escapeValue(text: string): string {
  return /[&<>"\r\n\t]/.test(text) ? text.replace(/[&<>"\r\n\t]/g, (letter) => references[letter] as string) : text;
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};
