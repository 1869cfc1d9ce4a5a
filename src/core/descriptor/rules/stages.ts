import type { Finding } from '../issue';
import type { Outline } from '../outline';
import { didYouMean } from '../suggest';

/** Proxies take whole weights: shares closer than this look the same, to them and to the watch that reads them back. */
const leastStepPercent = 0.4;

// 0.1 + 0.2 would be shown with all its digits.
const rounded = (percent: number): number => Math.round(percent * 100) / 100;

/** Each stage exposes a share above 0 and below 100. */
export function checkPercents({ stages }: Outline): readonly Finding[] {
  return stages.flatMap(({ canaryPercent: percent }, index) => {
    const words = percent === undefined ? undefined : percentWords(percent);
    return words === undefined
      ? []
      : [{ code: 'percent-out-of-range', path: ['stages', index, 'canaryPercent'], ...words }];
  });
}

function percentWords(percent: number): Pick<Finding, 'message' | 'fix'> | undefined {
  if (percent === 100) {
    return {
      message: '100 is not below 100, and full exposure comes by itself after the last stage',
      fix: 'take the stage out; `stages: []` goes to full exposure in one step',
    };
  }
  if (percent > 100) return { message: `${percent} is not below 100`, fix: 'write a share between 0 and 100' };
  if (percent === 0) {
    return {
      message: '0 is not above 0, and the canary is checked at 0 % by itself before the first stage',
      fix: 'take the stage out, or write a small share such as 1',
    };
  }
  if (percent < 0) return { message: `${percent} is not above 0`, fix: 'write a share between 0 and 100' };
  if (percent < leastStepPercent || percent > 100 - leastStepPercent) {
    return {
      message: `${percent} is nearer to 0 or 100 than the weights of a proxy can tell`,
      fix: `write a share from ${leastStepPercent} to ${100 - leastStepPercent}`,
    };
  }
  return undefined;
}

/** Exposure only ever grows from stage to stage. */
export function checkRising({ stages }: Outline): readonly Finding[] {
  return stages.flatMap(({ canaryPercent: percent }, index) => {
    const before = index === 0 ? undefined : stages[index - 1]?.canaryPercent;
    if (
      percent === undefined ||
      before === undefined ||
      percent >= before + leastStepPercent ||
      percentWords(percent) !== undefined
    )
      return [];
    return [
      {
        code: 'stages-not-rising',
        path: ['stages', index, 'canaryPercent'],
        message: `${percent} does not rise above the ${before} of the stage before by at least ${leastStepPercent}, and a release only ever opens further`,
        fix: `write at least ${rounded(before + leastStepPercent)}, or put the stages in order`,
      },
    ];
  });
}

/** Full exposure, less the holdback, is not below the last stage. */
export function checkHoldback({ stages, fullExposure }: Outline): readonly Finding[] {
  const last = stages.at(-1)?.canaryPercent;
  const holdback = fullExposure.holdbackPercent ?? 1;
  if (last === undefined || last >= 100 || last <= 100 - holdback - leastStepPercent) return [];
  return [
    {
      code: 'holdback-too-large',
      path: ['stages', stages.length - 1, 'canaryPercent'],
      message: `full exposure keeps ${holdback} % on the baseline, so it would not open further than ${last} %`,
      fix: `write at most ${rounded(100 - holdback - leastStepPercent)}, or lower fullExposure.holdbackPercent`,
    },
  ];
}

/** Whatever waits for a gate waits for one that is described. */
export function checkGates({ cohorts, stages, fullExposure, gates }: Outline): readonly Finding[] {
  const named = [
    ...cohorts.map(({ gate }, index) => ({ gate, path: ['cohorts', index, 'gate'] })),
    ...stages.map(({ gate }, index) => ({ gate, path: ['stages', index, 'gate'] })),
    { gate: fullExposure.gate, path: ['fullExposure', 'gate'] },
  ];
  return named.flatMap(({ gate, path }) => {
    if (gate === undefined || Object.hasOwn(gates, gate)) return [];
    const message = `there is no gate ${JSON.stringify(gate)} under gates`;
    const described = Object.keys(gates);
    const fix = described.length === 0 ? `add \`gates: { ${gate}: { approvals: 1 } }\`` : didYouMean(gate, described);
    return [{ code: 'gate-unknown', path, message, fix }];
  });
}
