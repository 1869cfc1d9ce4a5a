import { judgeCombinations } from '../../../src/core/combinations/judge-combinations';
import type { CombinationAnswer, Setting } from '../../../src/core/combinations/setting';
import { describePlan } from '../../../src/core/plan/describe';
import type { Plan } from '../../../src/core/plan/plan';
import { withCombinations } from '../../../src/core/plan/with-combinations';
import { flag, key } from '../combinations/settings';
import { planOf, shopSources } from './shop-sources';

const settings = [key('retries', '= 1', '= 2'), flag('two-names', '= false', '= true')];
const sources = {
  descriptor: {
    configuration: [{ set: { retries: 2 } }],
    flags: [{ flag: 'two-names', value: true }],
    gates: { go: {} },
    stages: [{ canaryPercent: 5, gate: 'go' }],
  },
};

type Policy = { readonly unexercised: CombinationAnswer; readonly approvals?: number; readonly from?: string[] };
function pair(combinations: Policy, promoted: readonly (readonly Setting[])[] = []) {
  const { policy } = shopSources({ policy: { combinations } });
  const judged = judgeCombinations({ settings, promoted: { answer: promoted }, faults: [] }, combinations.unexercised);
  return withCombinations(planOf(sources), judged, policy);
}
function planned(combinations: Policy, promoted: readonly (readonly Setting[])[] = []): Plan {
  const paired = pair(combinations, promoted);
  if (!paired.ok) throw new Error(JSON.stringify(paired.refusals));
  return paired.plan;
}
const gates = ({ stages }: Plan): readonly string[] => stages.map(({ id }) => id).filter((id) => id.startsWith('gate'));
const said = (plan: Plan): string => describePlan(plan).replaceAll(/\n +/g, ' ');

it.each<[string, CombinationAnswer, readonly (readonly Setting[])[], readonly string[]]>([
  ['shown', 'show', [], ['gate-go']],
  ['put to people', 'gate', [], ['gate-policy-combinations', 'gate-go']],
  ['passed when a promoted release had it', 'gate', [settings], ['gate-go']],
  ['not refused when a promoted release had it', 'refuse', [settings], ['gate-go']],
])('a combination is %s', (_fact, unexercised, promoted, expected) => {
  expect(gates(planned({ unexercised }, promoted))).toEqual(expected);
});

it('people are asked before a flag is set, for flags are for all', () => {
  const plan = planned({ unexercised: 'gate', approvals: 2, from: ['leads'] });
  const at = plan.stages.findIndex(({ id }) => id === 'gate-policy-combinations');
  expect(plan.stages[at + 1]?.id).toBe('configure');
  expect(plan.stages[at]).toMatchObject({
    gate: {
      approvals: 2,
      members: ['ada', 'bob'],
      reason: '2 combinations of flags and configuration were never exercised',
    },
  });
});

it('a gate that could never open refuses the release', () => {
  expect(pair({ unexercised: 'gate', approvals: 3, from: ['leads'] })).toMatchObject({
    ok: false,
    refusals: [{ code: 'too-few-approvers' }],
  });
});

it('a refusal names what was never exercised and what to do', () => {
  const refused = pair({ unexercised: 'refuse' });
  expect(refused).toMatchObject({ ok: false, refusals: [{ code: 'combination-unexercised', kind: 'denied' }] });
  const [refusal] = refused.ok ? [] : refused.refusals;
  expect(refusal?.message).toBe(
    'Policy `acme` refuses it: 2 combinations of flags and configuration were never exercised. two-names = true with retries = 2: once both are set. two-names = true with retries = 1: on the baseline, which keeps its configuration.',
  );
  expect(refusal?.fix).toMatch(/one after the other/);
});

it('the plan tells each of them, or that there is none', () => {
  expect(said(planned({ unexercised: 'show' }))).toContain(
    'Combinations of flags and configuration Never exercised: 2 of the 2 new pairs that users will meet. two-names = true with retries = 2: once both are set. two-names = true with retries = 1: on the baseline',
  );
  expect(said(planned({ unexercised: 'show' }, [settings]))).toContain(
    'Users will meet 2 new pairs; each was exercised by a promoted release.',
  );
  expect(said(planOf(sources))).not.toContain('Combinations');
});

it('and before a login is opened, which would stay open for as long as people think', () => {
  const { policy } = shopSources({ policy: { combinations: { unexercised: 'gate' } } });
  const plan = planOf(sources);
  const rotate = { kind: 'apply', id: 'rotate', title: 'Rotate credentials', effects: [] } as const;
  const judged = judgeCombinations({ settings, promoted: { answer: [] }, faults: [] }, 'gate');
  const paired = withCombinations({ ...plan, stages: [rotate, ...plan.stages] }, judged, policy);
  expect(paired.ok && paired.plan.stages.slice(0, 3).map(({ id }) => id)).toEqual([
    'gate-policy-combinations',
    'rotate',
    'configure',
  ]);
});
