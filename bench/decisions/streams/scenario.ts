/** What happens in a stream, and to whom. */
export type Scenario = {
  readonly name: string;
  /** Requests a second of all arms together, on average. */
  readonly rps: number;
  /** `clean`: a rollback is false. `bad`: a rollback is right. `split`: the canary gets another share than declared. */
  readonly kind: 'clean' | 'bad' | 'split';
  readonly tickS: number;
  readonly ticks: number;
  readonly share: { readonly canary: number; readonly baseline: number; readonly stable: number };
  /** Share of the canary's requests that fail once it is bad; healthy is `healthyErrors`. */
  readonly canaryErrors: number;
  /** How much slower the canary's slow twentieth is once it is bad. */
  readonly tailFactor: number;
  /** When the canary turns bad. */
  readonly onsetS: number;
  /** What the canary's CPU share gains in an hour. */
  readonly cpuPerHour: number;
  /** A tenth of the stream in which 10 % of everybody's requests fail, twice as slow. */
  readonly hasIncident: boolean;
  /** Harmless differences of the canary that last from start to end: errors times this, latency slower by this logarithm. */
  readonly errorRatio: number;
  readonly slowerBy: number;
  /** What the canary gets of the traffic it should get. */
  readonly trafficRatio: number;
  /** Multiplies all noise that moves slowly; 1 is the usual. */
  readonly noise: number;
};

export const healthyErrors = 0.001;

const hour = { tickS: 15, ticks: 240 };

/** A scenario that differs from an hour of a clean release at ticks of 15 s in what is named. */
export const scenario = (different: Partial<Scenario> & Pick<Scenario, 'name' | 'rps'>): Scenario => ({
  ...hour,
  kind: 'clean',
  share: { canary: 0.1, baseline: 0.1, stable: 0.8 },
  canaryErrors: healthyErrors,
  tailFactor: 1,
  onsetS: 0,
  cpuPerHour: 0,
  hasIncident: false,
  errorRatio: 1,
  slowerBy: 0,
  trafficRatio: 1,
  noise: 1,
  ...different,
});

export const durationS = ({ tickS, ticks }: Pick<Scenario, 'tickS' | 'ticks'>): number => tickS * ticks;

/** As rows are called in the table and in the figures. */
export const titleOf = ({ name, rps, tickS }: Scenario): string => `${name} @ ${rps} rps, tick ${tickS} s`;
