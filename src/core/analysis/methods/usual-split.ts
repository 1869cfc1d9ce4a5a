import { kept } from '../rounding';
import type { Pair } from './dispersion';

/** The declared split, and how much it weighs. */
export type UsualSplit = {
  /** The canary's share of the exposure of both arms, between 0 and 1. */
  readonly share: number;
  /**
   * Requests' worth of it that are added to each tick: in a tick of few requests who had how many is chance itself, and ticks
   * in which the canary had errors are those in which it happened to have more.
   */
  readonly requests: number;
};

/** Exposure of both arms, each over its declared share, fading over five minutes; in these terms a step of the traffic is none. */
export type Exposure = readonly [canary: number, control: number];

const fadesS = 300;
const isDeclared = (usual: UsualSplit | undefined): usual is UsualSplit =>
  usual !== undefined && usual.share > 0 && usual.share < 1;

export function stepExposure(before: Exposure, pair: Pair, lengthS: number, usual: UsualSplit | undefined): Exposure {
  if (!isDeclared(usual)) return before;
  const stay = Math.exp(-lengthS / fadesS);
  return [
    kept(before[0] * stay + pair.canary / usual.share),
    kept(before[1] * stay + pair.control / (1 - usual.share)),
  ];
}

/** So many requests, split as was declared and as that turned out of late; none where no split is declared. */
export function usualRequests([canary, control]: Exposure, usual: UsualSplit | undefined): Exposure {
  if (!isDeclared(usual)) return [0, 0];
  const { share, requests } = usual;
  const odds = (share * (canary + requests)) / ((1 - share) * (control + requests));
  return [(requests * odds) / (1 + odds), requests / (1 + odds)];
}
