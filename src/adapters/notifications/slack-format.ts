import type { Notification } from '../../core/release/notification';

const longestSectionCharacters = 3_000;

/** The body of a Slack incoming webhook: the one sentence, then where it comes from. */
export function slackFormat({ text, service, environment, release, kind, at }: Notification) {
  const sentence = escape(text.replace(/\s+/g, ' ').trim(), longestSectionCharacters);
  const context = escape(`${service} · ${environment} · ${kind} · ${release} · ${at}`, longestSectionCharacters);
  return {
    text: sentence,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: sentence } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: context }] },
    ],
  };
}

/** Escaped, or a sentence with `<!channel>` in it would page everybody; never cut inside an escape. */
function escape(text: string, longest: number): string {
  const escapes: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  let escaped = '';
  for (const character of text) {
    const next = escapes[character] ?? character;
    if (escaped.length + next.length >= longest) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}
