import { isSecretName } from './key-name';
import { isReference } from './reference';

// It begins at the edge of a word, so that a long one is read once.
const pair = /(?<![\w.-])([A-Za-z][\w.-]*)["']?\s{0,20}[=:]\s{0,20}["']?([^\s"';,&]+)/g;

/** Whether a text has a part such as `password=…`, as connection strings, properties and query strings do. */
export const hasSecretPair = (text: string): boolean =>
  [...text.matchAll(pair)].some(([, name = '', value = '']) => isSecretName(name) && !isReference(value));
