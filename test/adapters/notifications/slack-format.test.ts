import { slackFormat } from '../../../src/adapters/notifications/slack-format';
import { notification } from '../../support/notification';

describe('slack format', () => {
  it('says the sentence once as fallback and once as block, then where it comes from', () => {
    expect(slackFormat(notification('a', { text: 'It  waits.\nFor you.' }))).toEqual({
      text: 'It waits. For you.',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: 'It waits. For you.' } },
        {
          type: 'context',
          elements: [
            { type: 'mrkdwn', text: 'shop · prod · gate · release/prod/shop/run-1 · 2026-01-02T03:04:05.000Z' },
          ],
        },
      ],
    });
  });

  it('pages nobody by markup in the sentence', () => {
    expect(slackFormat(notification('a', { text: '<!channel> & <@U1>' })).text).toBe(
      '&lt;!channel&gt; &amp; &lt;@U1&gt;',
    );
  });

  it('stays within the longest text of a section and cuts no escape in two', () => {
    const { text } = slackFormat(notification('a', { text: '&'.repeat(5_000) }));
    expect(text.length).toBeLessThanOrEqual(3_000);
    expect(text).toMatch(/^(&amp;)+…$/);
  });
});
