import type { SpillwayClient } from '../client';
import { dataChoices, type DataChoice } from '../core/release/messages';
import { decide, type DecideOptions } from './decide';
import { UsageError } from './fault';
import type { Io } from './io';

export type DataChoiceOptions = DecideOptions & {
  readonly choice: string;
  readonly effect?: string | undefined;
};

function readChoice(text: string): DataChoice {
  const found = dataChoices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`data-choice wants ${dataChoices.join(', ')}, not ${JSON.stringify(text)}.`);
}

/** `spillway data-choice`: what becomes of rows that an undo would lose. */
export const chooseData = (io: Io, client: SpillwayClient, options: DataChoiceOptions): Promise<number> => {
  const choice = readChoice(options.choice);
  return decide(io, client, options, (workflowId, person) =>
    client.chooseData(workflowId, { ...person, choice, effect: options.effect }),
  );
};
