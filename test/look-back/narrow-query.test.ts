import { narrowQuery, slotSelectors } from '../../src/look-back/backtest/narrow-query';

const to = { label: 'instance', names: ['a:1', 'b.c:1'] };
const only = 'instance=~"a:1|b\\\\.c:1"';

test.each([
  ['avg(queue{slot="$slot"})', `avg(queue{slot="$slot",${only}})`],
  ['avg(queue{slot="$slot",})', `avg(queue{slot="$slot",${only}})`],
  ['{__name__="queue", slot="$slot"}', `{__name__="queue", slot="$slot",${only}}`],
  [
    'sum(rate(a{slot="$slot"}[1m])) / sum(rate(b{slot=~"$slot"}[1m]))',
    `sum(rate(a{slot="$slot",${only}}[1m])) / sum(rate(b{slot=~"$slot",${only}}[1m]))`,
  ],
  ['a{slot="$slot"} / scalar(limit{kind="all"})', `a{slot="$slot",${only}} / scalar(limit{kind="all"})`],
  [`a{path="/{id}",slot='$slot'} # {`, `a{path="/{id}",slot='$slot',${only}} # {`],
])('%s is narrowed to instances', (query, narrowed) => {
  expect(narrowQuery(query, to)).toBe(narrowed);
});

test('the selectors that name the slot are found with their names', () => {
  expect(slotSelectors('a:b{slot="$slot"} / on() group_left c{x="}"} + {slot="$slot"}')).toEqual([
    'a:b{slot="$slot"}',
    '{slot="$slot"}',
  ]);
});

test.each([
  ['no selector names the slot', 'vector(1)'],
  ['the slot stands outside of a selector', 'label_replace(a{slot="$slot"}, "s", "$slot", "", "")'],
  ['a brace is open', 'a{slot="$slot"'],
  ['a brace is in a brace', 'a{{slot="$slot"}}'],
])('nothing is narrowed where %s', (_why, query) => {
  expect(slotSelectors(query)).toEqual([]);
});
