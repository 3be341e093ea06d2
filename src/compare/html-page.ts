import { styleSheet, styleSource } from './html-style.ts';
import { htmlText } from './markup.ts';

/**
 * A page of HTML that stands alone: no script, no address of anything else, and a policy that would forbid both (Content Security
 * Policy Level 3).
 * @param body of HTML
 */
export function htmlPage(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${styleSource}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${htmlText(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
${body}</body>
</html>`;
}
