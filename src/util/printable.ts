// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text from outside, without what a terminal would obey: control characters and those that change the direction of
 * writing become U+FFFD. Tabs and line breaks stay.
 */
export function withoutControls(text: string): string {
  return text.replace(controls, '\u{fffd}');
}
