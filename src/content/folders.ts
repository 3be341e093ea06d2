/** File names inside the folders of contents, of their compressed forms and of derived fragments. */
export const contentFiles = {
  fragment: 'fragment',
  index: 'index.json',
  compressed: 'compressed',
  /** Where the parts of `compressed` are. */
  ranges: 'ranges.json',
  /** Only while a conversion runs. */
  spool: 'spool',
} as const;
