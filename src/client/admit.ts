import { openBundle, type OpenedBundle } from '../core/descriptor/bundle';
import { formatIssue } from '../core/descriptor/issue';
import { credentialsIn } from '../core/secrets/credential-shapes';
import { ClientError } from './client-error';
import type { StartInput } from './start';

const mostTold = 5;

/**
 * The bundle of a request as the worker will read it. What it would refuse is not sent at all: what a request holds stays in
 * Temporal's history, also when the release is refused, and it may be a secret.
 * @throws ClientError `invalid` with up to five issues, each with file, line and column.
 */
export function admit({ bundle, requestedBy }: Pick<StartInput, 'bundle' | 'requestedBy'>): OpenedBundle {
  const opened = openBundle(bundle);
  if (!opened.ok) {
    const told = opened.issues.slice(0, mostTold).map(formatIssue);
    const more = opened.issues.length > mostTold ? [`and ${opened.issues.length - mostTold} more`] : [];
    throw new ClientError(
      'invalid',
      `Nothing was sent, as the bundle would be refused: ${[...told, ...more].join(' | ')}`,
    );
  }
  const [found] = credentialsIn(requestedBy);
  if (found === undefined) return opened.value;
  throw new ClientError(
    'invalid',
    `Nothing was sent, as \`requestedBy\` has the form of a credential (rule ${found.rule}) and would stay in Temporal's history: say who asks by a name, and replace the credential if it was one.`,
  );
}
