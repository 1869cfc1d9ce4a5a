import { userMinutes } from '../../analysis/budget/blast-radius';
import { parseDuration } from '../../duration';
import type { DocumentPath, Finding } from '../issue';
import type { Outline } from '../outline';

type Step = {
  readonly path: DocumentPath;
  readonly canaryPercent: number | undefined;
  readonly time: string;
  readonly timeKey: string;
  readonly most: number | undefined;
};

const stepsOf = ({ stages, fullExposure }: Outline): readonly Step[] => [
  ...stages.map(({ canaryPercent, bakeTime, maxUserMinutes }, index) => ({
    path: ['stages', index, 'maxUserMinutes'],
    canaryPercent,
    time: bakeTime ?? '10m',
    timeKey: 'bakeTime',
    most: maxUserMinutes,
  })),
  {
    path: ['fullExposure', 'maxUserMinutes'],
    canaryPercent: 100 - (fullExposure.holdbackPercent ?? 1),
    time: fullExposure.rollbackWindow ?? '30m',
    timeKey: 'rollbackWindow',
    most: fullExposure.maxUserMinutes,
  },
];

/** A stage declares no less risk than its own least time puts on users. */
export function checkBlastRadius(outline: Outline): readonly Finding[] {
  const users = outline.budget?.users;
  return stepsOf(outline).flatMap(({ path, canaryPercent, time, timeKey, most }) => {
    if (most === undefined) return [];
    if (users === undefined)
      return [
        {
          code: 'users-unknown',
          path,
          message: 'nothing says how many users there are, so their minutes at risk cannot be counted',
          fix: 'add `budget: { users: 10000 }`',
        },
      ];
    const ms = parseDuration(time);
    if (canaryPercent === undefined || ms === undefined) return [];
    const least = userMinutes({ users, canaryPercent }, ms);
    if (least < most) return [];
    return [
      {
        code: 'risk-too-small',
        path,
        message: `${canaryPercent} % of ${users} users for ${time} is ${Math.ceil(least)} user-minutes at risk already, so the stage could only turn back`,
        fix: `write more than ${Math.ceil(least)}, lower canaryPercent, or shorten ${timeKey}`,
      },
    ];
  });
}
