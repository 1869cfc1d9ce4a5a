import type { Told } from './tell-story';

const again = [
  ['npm run demo -- --keep', 'the same, and leaves everything running until Ctrl-C'],
  ['npx spillway dev', 'the same systems, for releases of your own'],
  ['npx spillway init', 'a descriptor, an environment and a policy to start from'],
] as const;

const now = [
  ['npx spillway explain shop', 'why the last release ended as it did'],
  ['npx spillway ls --all', 'every release'],
  ['npx spillway plan examples/shop/release-3.0.0.yaml', 'what a release would do, before it does it'],
  ['npx spillway start examples/shop/release-3.0.0.yaml --watch', 'the bad release once more'],
] as const;

function commandLines(commands: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => `  ${command.padEnd(width)}   # ${what}`);
}

/** What a person may do after the demo: at once when it keeps running, else by starting something. */
export function nextSteps(at: {
  readonly isKept: boolean;
  readonly directory: string;
  readonly environmentFile: string;
  readonly told: Pick<Told, 'places'>;
}): readonly string[] {
  if (!at.isKept)
    return ["Everything is taken down now, Temporal's UI and the logs with it. Next:", ...commandLines(again)];
  return [
    ...at.told.places.map(({ title, url }) => `  ${title}: ${url}`),
    `  files and logs: ${at.directory}`,
    '',
    'In another terminal, in this directory:',
    `  eval "$(cat ${at.environmentFile})"`,
    ...commandLines(now),
    '',
    'Everything keeps running. Ctrl-C takes it down.',
  ];
}
