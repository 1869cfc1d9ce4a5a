import { isOpening } from './following-flag';
import type { Plan } from './plan';

/** How many flags and configuration keys a plan sets: from two on they make pairs. */
export const settingCount = ({ effects }: Pick<Plan, 'effects'>): number =>
  effects.reduce((sum, effect) => {
    if (effect.kind === 'flag') return isOpening(effect) ? sum : sum + 1;
    return effect.kind === 'configure' ? sum + Object.keys(effect.set).length : sum;
  }, 0);
