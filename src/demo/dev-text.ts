/** What runs where, for one's own trials. */
export type DevPlaces = {
  readonly temporalUi: string;
  readonly temporal: string;
  readonly traffic: string;
  readonly requestsPerSecond: number;
  readonly haproxyStats: string;
  readonly haproxySocket: string;
  readonly slots: { readonly blue: string; readonly green: string };
  readonly prometheus: string;
  readonly worker: string;
  readonly sentinel: string;
  readonly sentinelFile: string;
  readonly shopDsn: string;
  readonly directory: string;
  readonly environmentFile: string;
  readonly policyFile: string;
  readonly exportsFile: string;
  readonly good: string;
  readonly bad: string;
};

type Row = readonly [string, string];

const aligned = (rows: readonly Row[]): readonly string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

/** What `spillway dev` prints when everything is up. */
export function devText(places: DevPlaces): readonly string[] {
  const { requestsPerSecond: rate } = places;
  const users = rate > 0 ? `${rate} requests/s are sent to it` : 'nobody uses it: a release waits for requests';
  return [
    ...aligned([
      ["Temporal's UI", places.temporalUi],
      ['Temporal', places.temporal],
      ['shop, for users', `${places.traffic} (${users})`],
      ['shop, slot by slot', `blue http://${places.slots.blue}, green http://${places.slots.green}`],
      ['HAProxy', `${places.haproxyStats}, runtime API ${places.haproxySocket}`],
      ['Prometheus', places.prometheus],
      ['PostgreSQL', places.shopDsn],
      ['worker', `${places.worker}/healthz, /readyz, /metrics`],
      ['sentinel', `${places.sentinel}/healthz, /metrics; ${places.sentinelFile}`],
      ['environment, policy', `${places.environmentFile}, ${places.policyFile}`],
      ['logs and files', places.directory],
    ]),
    '',
    'In another terminal, in this directory:',
    `  eval "$(cat ${places.exportsFile})"`,
    ...trials(places).flatMap(([what, command]) => ['', `  # ${what}`, `  ${command}`]),
  ];
}

const trials = ({ good, bad }: DevPlaces): readonly Row[] => [
  ['a good release; it waits for an approval, which another terminal gives', `npx spillway start ${good} --watch`],
  ['the approval', 'npx spillway approve shop full-exposure --why "looks right"'],
  [
    'once it is promoted: the old column goes, and there is no way back',
    'npx spillway approve shop contract --why "nobody needs it"',
  ],
  ['a bad release on top of it, undone by itself', `npx spillway start ${bad} --watch`],
  ['why it ended as it did', 'npx spillway explain shop'],
];
