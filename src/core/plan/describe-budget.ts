import type { Plan } from './plan';

/** The budgets of a plan in words; none where it bounds nothing. */
export function budgetTexts({ budget, stages }: Plan): readonly string[] {
  const { allowedShare, maxExcessErrors, users } = budget ?? {};
  return [
    ...(allowedShare === undefined
      ? []
      : [
          `At most ${Number((100 * allowedShare).toPrecision(6))} % bad answers are promised: burning that 14.4 times as fast turns back, 6 times goes no further, once bakes twice as long.`,
        ]),
    ...(maxExcessErrors === undefined
      ? []
      : [`At most ${maxExcessErrors} errors more than the baseline would have had.`]),
    ...stages.flatMap((stage) =>
      stage.kind !== 'expose' || stage.maxUserMinutes === undefined
        ? []
        : [`${stage.id}: at most ${stage.maxUserMinutes} user-minutes at risk, of ${users ?? 0} users.`],
    ),
  ];
}
