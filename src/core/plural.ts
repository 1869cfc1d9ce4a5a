/** A count with its word: `1 check`, `3 checks`. */
export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
