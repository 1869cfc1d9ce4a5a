import type { CutAt, Draft } from './cases';
import { partRecoveries } from './part-cases';
import { recoveryPoints } from './points';

const recovery = (cuts: readonly CutAt[], isForgotten: boolean, points: readonly string[] = []): Draft => ({
  kind: 'recover',
  ending: 'recovered',
  points,
  cuts,
  isForgotten,
});

/** Releases whose run is terminated, and which are recovered. */
export const recoveries: readonly Draft[] = [
  ...(['migrating', 'exposed', 'gate', 'backward'] as const).map((cut) => recovery([cut], false)),
  ...(['migrating', 'exposed', 'gate'] as const).map((cut) => recovery([cut], true)),
  recovery(['gate', 'recovering'], false),
  recovery(['gate', 'recovering'], true),
  ...recoveryPoints.map((point) => recovery(['gate'], false, [point])),
  ...['openRecovery:K2', 'undoMigration#2:K2'].map((point) => recovery(['gate'], true, [point])),
  ...partRecoveries,
];
