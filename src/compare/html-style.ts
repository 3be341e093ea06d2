import { sha256Hex } from '../util/digest.ts';

/** The only thing that the page's policy lets in. Rows are hidden by the boxes above them, without a script. */
export const styleSheet = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --other: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; --other: #d29922; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: .5rem 0; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { font: .85em ui-monospace, monospace; overflow-x: auto; }
.plus { color: var(--good); }
.minus { color: var(--bad); }
.head { font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; margin: .5rem 0; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: .2rem .6rem .2rem 0; text-align: left; vertical-align: top; }
.added td:first-child, .lost td:first-child, .upgraded td:first-child { color: var(--good); }
.removed td:first-child, .gained td:first-child, .downgraded td:first-child { color: var(--bad); }
.changed td:first-child, .moved td:first-child, .rebuilt td:first-child, .problem { color: var(--other); }
body:has(#changed:not(:checked)) .files .changed, body:has(#added:not(:checked)) .files .added,
body:has(#removed:not(:checked)) .files .removed, body:has(#moved:not(:checked)) .files .moved { display: none; }
`;

/** As a source of a Content Security Policy: the style sheet by its hash. */
export const styleSource = `'sha256-${base64OfHex(sha256Hex(styleSheet))}'`;

function base64OfHex(hex: string): string {
  return btoa(hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16))));
}
