import type { FaultCase } from './cases';
import type { Strike } from './moments';

const describeStrike = ({ way, share, victim, again }: Strike): string =>
  `${victim} killed ${Math.round(100 * share)} % ${way}` +
  (again === undefined ? '' : `, ${again.victim} ${again.afterMs} ms later`);

/** What a case is called, and how to play it again. */
export const nameOf = ({
  number: n,
  kind,
  ending,
  points,
  part,
  partAt,
  isFrozen,
  isLong,
  strikes,
  cuts = [],
  isForgotten,
}: FaultCase): string =>
  [
    `case ${n}: ${kind}, ${ending}`,
    ...cuts.map((cut) => `terminated ${cut}`),
    ...(isForgotten === true ? ['deleted'] : []),
    ...points,
    ...(strikes?.length === 0 ? ['undisturbed'] : (strikes ?? []).map(describeStrike)),
    ...(part === undefined
      ? []
      : [`${part} ${partAt}${isFrozen === true ? ' frozen' : ''}${isLong === true ? ' for longer than a lease' : ''}`]),
  ].join(', ');

/** The command that plays a case again as it was played: how long a part stood still decides what becomes of a lease. */
export const describeAgain = (fault: FaultCase, freezeMs: number): string =>
  fault.world === 'widen'
    ? `npm run bench:data -- --only kills --seed ${fault.seed} --case ${fault.number}`
    : `npm run faults -- --seed ${fault.seed} --case ${fault.number} --freeze ${freezeMs}`;
