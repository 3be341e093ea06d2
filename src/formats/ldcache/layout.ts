/** Sizes and numbers of glibc's dl-cache.h; the layout is that of the C structures. */
export const magic = 'glibc-ld.so.cache1.1';
/** Of glibc 2.31 and before: an older table, and this one behind it. */
export const oldMagic = 'ld.so-1.7.0';
export const oldHeaderSize = 16;
export const oldEntrySize = 12;

export const headerSize = 48;
export const entrySize = 24;
export const extensionHeaderSize = 8;
export const sectionSize = 16;
export const extensionMagic = 0xeaa42174;

export const byteOrderFlag = { little: 2, big: 3 } as const;
export const sectionTag = { generator: 0, hwcaps: 1 } as const;

/** In the upper half of an entry's capabilities: the lower half is an index of glibc-hwcaps folders. */
export const extensionBit = 0x40000000;
export const isaLevelMask = 0x3ff;
