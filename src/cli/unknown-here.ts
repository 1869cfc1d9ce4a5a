import type { Plan } from '../core/plan/plan';
import { settingCount } from '../core/plan/setting-count';

/** What only the worker finds out about a plan that was compiled without it, each as a sentence; with any the worker's plan has another digest. */
export function unknownHere(plan: Pick<Plan, 'effects' | 'rotations'>): readonly string[] {
  const { rotations = [] } = plan;
  const names = rotations.map(({ target }) => target).join(' and of ');
  // A rotation sets a key of the configuration, too, which pairs with the others.
  const settings = settingCount(plan) + rotations.length;
  return [
    ...(rotations.length === 0
      ? []
      : [
          `Which login of ${names} is in use, only the worker finds out: stage rotate, the key that configure sets and the contract that revokes the old login are not shown here, and its plan has another digest.`,
        ]),
    ...(settings > 1
      ? [
          'Which combinations of flags and configuration were never exercised, only the worker finds out: its plan has another digest.',
        ]
      : []),
  ];
}
