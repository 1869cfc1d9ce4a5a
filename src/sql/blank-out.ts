/** As long as `text` and of as many lines, with nothing in it: places behind it stay what they were. */
export const blankOut = (text: string): string => text.replace(/[^\n]/g, ' ');
