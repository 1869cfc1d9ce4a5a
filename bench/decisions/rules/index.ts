import { argo } from './argo';
import { asymptoticCs } from './asymptotic-cs';
import { flagger } from './flagger';
import { kayenta } from './kayenta';
import { peekedZTest } from './peeked-z-test';
import type { Rule } from './rule';

/** Rules of today's release systems, and two that statisticians would try. */
export const peers: readonly Rule[] = [argo, flagger(5), flagger(10), kayenta(15), peekedZTest, asymptoticCs];
