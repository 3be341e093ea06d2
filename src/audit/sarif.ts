import { encodeByteText } from '../util/byte-text.ts';
import { digestOf } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { AuditFinding, AuditLevel, AuditReport, AuditRule } from './types.ts';

const levels: Readonly<Record<AuditLevel, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** GitHub ranks results by it: 7 and more is high, 4 and more medium. */
const severities: Readonly<Record<AuditLevel, string>> = { error: '8.0', warning: '5.0', info: '2.0' };

/**
 * The report as SARIF 2.1.0 (OASIS), one run, as plain data. Paths are relative to the image's root, `IMAGE`; what is about no path
 * is located at the image by its name.
 * @param version slimimage's
 */
export function sarifOf(report: AuditReport, { version }: { readonly version: string }): object {
  const { rules, findings, image } = report;
  const places = new Map(rules.map(({ id }, index) => [id, index]));
  const driver = { name: 'slimimage', semanticVersion: version, rules: rules.map(descriptorOf) };
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: places.get(finding.rule) ?? -1,
    level: levels[finding.level],
    message: { text: wellFormed(finding.message) },
    locations: [locationOf(finding, image)],
    partialFingerprints: { 'slimimageAudit/v1': fingerprintOf(finding) },
    ...suppressionOf(finding),
  }));
  const base = { description: { text: wellFormed(`the root of ${image}`) } };
  const run = { tool: { driver }, originalUriBaseIds: { IMAGE: base }, columnKind: 'utf16CodeUnits', results };
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
}

function descriptorOf({ id, level, title, reason, fix, references }: AuditRule) {
  const help = `${reason} ${fix}`;
  const also = references.length === 0 ? '' : `\n\n${references.join(', ')}`;
  return {
    id,
    name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: reason },
    help: { text: help, markdown: `${reason}\n\n**Fix:** ${fix}${also}` },
    defaultConfiguration: { level: levels[level] },
    properties: { tags: ['security', ...references], 'security-severity': severities[level] },
  };
}

function locationOf({ path, line, layer, package: owner }: AuditFinding, image: string) {
  const isFile = path !== undefined && path !== '/';
  const artifactLocation = isFile ? { uri: uriOf(path.slice(1)), uriBaseId: 'IMAGE' } : { uri: uriOf(image) };
  const region = line === undefined ? {} : { region: { startLine: line } };
  const details = [
    ...(owner === undefined ? [] : [`package ${owner}`]),
    ...(layer === undefined ? [] : [`layer ${layer}`]),
  ];
  const message = details.length === 0 ? {} : { message: { text: wellFormed(details.join(', ')) } };
  return { physicalLocation: { artifactLocation, ...region }, ...message };
}

/** A reference of RFC 3986: file names are bytes, and a colon in the first part would be a scheme. */
function uriOf(text: string): string {
  let uri = '';
  for (const byte of encodeByteText(text)) {
    const character = String.fromCharCode(byte);
    uri += /[A-Za-z0-9._~/@-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return uri;
}

/** The same for the same thing in the next build, whatever layer it comes from. */
function fingerprintOf({ rule, path = '', subject = '', line, message }: AuditFinding): string {
  const what = path === '' && subject === '' ? message : `${path}\n${subject}\n${line ?? ''}`;
  return digestOf(encodeUtf8(`${rule}\n${what}`)).slice('sha256:'.length);
}

function suppressionOf({ allowed }: AuditFinding) {
  if (allowed === undefined) return {};
  const until = allowed.until === undefined ? '' : ` (until ${allowed.until})`;
  return { suppressions: [{ kind: 'external', justification: wellFormed(`${allowed.because}${until}`) }] };
}

/** Lone surrogates stand for bytes that are no UTF-8: other tools would stumble over them. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\u{fffd}');
}
