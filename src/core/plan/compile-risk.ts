import type { RiskRule } from '../analysis/risk';
import type { Descriptor } from '../descriptor/schema';

/** The risks that the descriptor declares, as shares; nothing where it leaves them to the engine. */
export const compileRisk = ({ risk }: Descriptor): { readonly risk?: RiskRule } =>
  risk === undefined ? {} : { risk: { alpha: risk.alphaPercent / 100, beta: risk.betaPercent / 100 } };
