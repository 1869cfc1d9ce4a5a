/** Texts of people and targets become a part of one sentence: no line breaks, no full stop of their own. */
export const clause = (text: string): string => text.replace(/\s+/g, ' ').replace(/[.\s]+$/, '');
