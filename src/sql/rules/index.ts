import { columnRules } from './columns';
import { constraintRules } from './constraints';
import { indexRules } from './indexes';
import { keyRules } from './keys';
import { removalRules } from './removals';
import { rowRules } from './rows';
import type { Rule } from './rule';
import { serverRules } from './server';
import { sessionRules } from './session';
import { tableRules } from './tables';
import { typeRules } from './types';

/** Every rule that a SQL file is held against, each in the roles that it names. */
export const sqlRules: readonly Rule[] = [
  ...columnRules,
  ...constraintRules,
  ...indexRules,
  ...removalRules,
  ...keyRules,
  ...tableRules,
  ...typeRules,
  ...rowRules,
  ...sessionRules,
  ...serverRules,
];
